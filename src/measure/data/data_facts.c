/* Facts: freed together. */
#include "measure/data/data_facts.h"

#include "base/memory.h"

void data_facts_clear(struct data_facts *facts) {
  data_profile_clear(&facts->profile);
  data_profile_clear(&facts->train);
  data_hood_clear(&facts->hood);
  memory_free(facts->train_source);
  memory_free(facts->train_sha256);
}
