/* Every record is whole; lists of measures pick what a person means; mistyped names get near ones;
 * nothing is both built and not built. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "measure/catalogue.h"

static void test_records_are_whole(void **state) {
  (void)state;
  for (size_t i = 0; i < catalogue_n(); i++) {
    const struct measure *m = catalogue_at(i);
    const char *attribute = catalogue_attribute_name(m->attribute);
    if (strncmp(m->id, attribute, strlen(attribute)) != 0 || m->id[strlen(attribute)] != '.') {
      fail_msg("%s does not begin with %s.", m->id, attribute);
    }
    if (m->title == NULL || m->definition == NULL || m->formula == NULL || m->source == NULL ||
        m->unit == NULL || m->interval == NULL || m->interval_weighted == NULL ||
        (m->estimate != NULL || m->compare != NULL) + (m->draw != NULL) + (m->tell != NULL) +
                (m->each != NULL) !=
            1) {
      fail_msg("%s lacks a field", m->id);
    }
    if (m->estimate == NULL && m->draw == NULL && m->tell == NULL && m->each == NULL &&
        (m->needs & NEEDS_BASELINE) == 0) {
      fail_msg("%s: only a number of the pair has no value of one model", m->id);
    }
    if (m->tell != NULL &&
        (m->scopes != IN_ALL || (m->needs & NEEDS_FEATURES) == 0 || !m->never_gated)) {
      fail_msg("%s: a search is over all rows' features, and is never gated", m->id);
    }
    if ((m->scopes & IN_COLUMN) != 0 && m->probes == 0 && /* a model can be asked without groups */
        (m->scopes != IN_COLUMN || (m->needs & NEEDS_GROUPS) == 0)) {
      fail_msg("%s: a number over the groups of a column is of no other scope", m->id);
    }
    if (m->draw != NULL && (m->axis_x == NULL || m->axis_y == NULL || m->compare != NULL ||
                            !m->never_gated || m->variants != NULL)) {
      fail_msg("%s: a curve has axes, no variants, no difference, and is never gated", m->id);
    }
    if (m->definition[strlen(m->definition) - 1] != '.' || strchr(m->title, '.') != NULL ||
        strlen(m->title) > 60) {
      fail_msg("%s: a definition is a sentence, a title is not", m->id);
    }
    assert_true(m->tasks != 0 && m->scopes != 0 &&
                ((m->kinds | m->probes) != 0 || m->tell != NULL));
    assert_true(m->range[0] < m->range[1]);
    assert_false(catalogue_known(m->id)); /* built: so not in the list of what is not */
    for (size_t j = 0; j < i; j++) {
      assert_string_not_equal(m->id, catalogue_at(j)->id);
    }
    for (const struct measure_variant *v = m->variants; v != NULL && v->suffix != NULL; v++) {
      assert_true(strchr(v->suffix, ',') == NULL && strchr(v->suffix, '@') == NULL);
    }
  }
}

struct wanted {
  const char *list;
  enum task task;
  const char *ids, *absent;
};

static void check(const struct wanted *wanted) {
  struct catalogue_pick *picks;
  size_t n;
  struct text absent = {0}, ids = {0};
  nonet_error error = {{0}};
  nonet_status status = catalogue_select(wanted->list, wanted->task, &picks, &n, &absent, &error);
  if (status != NONET_OK) {
    fail_msg("%s: %s", wanted->list, error.message);
  }
  for (size_t i = 0; i < n; i++) {
    text_append(&ids, i > 0 ? "," : "");
    catalogue_full_id(&picks[i], &ids);
  }
  const char *got = ids.data != NULL ? ids.data : "",
             *missing = absent.data != NULL ? absent.data : "";
  if (strcmp(got, wanted->ids) != 0 || strcmp(missing, wanted->absent) != 0) {
    fail_msg("%s: picked '%s' (absent '%s'), expected '%s' ('%s')", wanted->list, got, missing,
             wanted->ids, wanted->absent);
  }
  text_clear(&absent);
  text_clear(&ids);
  memory_free(picks);
}

static void test_lists_pick_what_is_meant(void **state) {
  (void)state;
  const struct wanted lists[] = {
      {"correctness.accuracy", TASK_BINARY, "correctness.accuracy", ""},
      {" recall , accuracy,recall ", TASK_BINARY, "correctness.accuracy,correctness.recall", ""},
      {"f1", TASK_BINARY, "correctness.f1", ""},
      {"f1", TASK_MULTICLASS,
       "correctness.f1,correctness.f1@macro,correctness.f1@micro,correctness.f1@weighted", ""},
      {"f1@macro", TASK_BINARY, "correctness.f1@macro", ""},
      {"f_beta@3,f_beta@2", TASK_BINARY, "correctness.f_beta@2,correctness.f_beta@3", ""},
      {"f_beta@2,f_beta@beta=2", TASK_BINARY, "correctness.f_beta@2", ""},
      {"f_beta@beta=2;average=macro", TASK_MULTICLASS, "correctness.f_beta@beta=2;average=macro",
       ""},
      {"top_k_accuracy@3", TASK_MULTICLASS, "correctness.top_k_accuracy@3", ""},
      {"top_k_accuracy", TASK_BINARY, "", "top_k_accuracy"},
      {"kappa@quadratic", TASK_MULTICLASS, "correctness.kappa@quadratic", ""},
      {"correctness.ndcg,correctness.brier,privacy.k_anonymity", TASK_BINARY, "correctness.brier",
       "correctness.ndcg,privacy.k_anonymity"},
      {"correctness.brier", TASK_REGRESSION, "", "correctness.brier"},
  };
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    check(&lists[i]);
  }
}

static void test_defaults_and_attributes(void **state) {
  (void)state;
  const enum task tasks[] = {TASK_BINARY, TASK_MULTICLASS};
  for (size_t t = 0; t < 2; t++) {
    struct catalogue_pick *all, *attribute;
    size_t n_all, n_attribute;
    assert_int_equal(catalogue_select(NULL, tasks[t], &all, &n_all, NULL, NULL), NONET_OK);
    assert_int_equal(
        catalogue_select("correctness", tasks[t], &attribute, &n_attribute, NULL, NULL), NONET_OK);
    assert_true(n_attribute >= 15 && n_all > n_attribute);
    assert_int_equal(all[n_attribute].measure->attribute, ATTRIBUTE_EFFICIENCY);
    for (size_t i = 0; i < n_attribute; i++) {
      assert_ptr_equal(all[i].measure, attribute[i].measure);
      assert_false(all[i].is_named);
      assert_true(catalogue_scopes(&all[i], tasks[t]) != 0);
    }
    memory_free(all);
    memory_free(attribute);
  }
  struct text absent = {0};
  struct catalogue_pick *picks;
  size_t n;
  assert_int_equal(catalogue_select("robustness", TASK_BINARY, &picks, &n, &absent, NULL),
                   NONET_OK);
  assert_int_equal(n, 0);
  assert_non_null(strstr(absent.data, "robustness.corruption_drop"));
  assert_null(strstr(absent.data, "privacy"));
  text_clear(&absent);
  memory_free(picks);
}

static void test_scopes_of_multiclass(void **state) {
  (void)state;
  struct catalogue_pick *picks;
  size_t n;
  assert_int_equal(catalogue_select("precision,accuracy", TASK_MULTICLASS, &picks, &n, NULL, NULL),
                   NONET_OK);
  assert_int_equal(n, 3);
  assert_int_equal(catalogue_scopes(&picks[0], TASK_MULTICLASS), IN_ALL | IN_GROUP);
  assert_string_equal(picks[1].variant.suffix, "");
  assert_int_equal(catalogue_scopes(&picks[1], TASK_MULTICLASS), IN_CLASS);
  assert_string_equal(picks[2].variant.suffix, "macro");
  assert_int_equal(catalogue_scopes(&picks[2], TASK_MULTICLASS), IN_ALL | IN_GROUP);
  memory_free(picks);
}

static void test_unknown_names(void **state) {
  (void)state;
  const char *const lists[][2] = {{"correctness.acuracy", "correctness.accuracy"},
                                  {"acuracy", "correctness.accuracy"},
                                  {"robustnes", "robustness"},
                                  {"f1@makro", "@macro"},
                                  {"f_beta@x", "@0.5"},
                                  {"top_k_accuracy@0", "@2"},
                                  {"f_beta@-1", "@0.5"},
                                  {"f_beta@2;average=macro", "@0.5"}};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    struct catalogue_pick *picks;
    size_t n;
    nonet_error error = {{0}};
    assert_int_equal(catalogue_select(lists[i][0], TASK_MULTICLASS, &picks, &n, NULL, &error),
                     NONET_E_USAGE);
    if (strstr(error.message, lists[i][1]) == NULL) {
      fail_msg("%s: '%s' does not name %s", lists[i][0], error.message, lists[i][1]);
    }
    assert_null(picks);
  }
}

static void test_known_ids(void **state) {
  (void)state;
  assert_true(catalogue_known("fairness.exposure_parity"));
  assert_true(catalogue_known("privacy.membership_tpr_at_fpr@0.01"));
  assert_false(catalogue_known("fairness"));
  assert_false(catalogue_known("correctness.accuracy"));
  assert_true(catalogue_hash() == catalogue_hash() && catalogue_hash() != 0);
  assert_null(catalogue_attribute_name(N_ATTRIBUTES));
  assert_string_equal(catalogue_attribute_name(ATTRIBUTE_DATA), "data");
}

static void test_every_allocation_may_fail(void **state) {
  (void)state;
  for (long k = 0;; k++) {
    struct catalogue_pick *picks = NULL;
    struct text absent = {0};
    size_t n;
    (void)memory_fail_after(k);
    nonet_status status = catalogue_select("correctness,f_beta@3,fairness.exposure_parity",
                                           TASK_BINARY, &picks, &n, &absent, NULL);
    (void)memory_fail_after(-1);
    bool failed_text = absent.failed;
    text_clear(&absent);
    memory_free(picks);
    if (status == NONET_OK && !failed_text) {
      assert_true(k > 3);
      return;
    }
    assert_true(status == NONET_OK || status == NONET_E_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_records_are_whole),
      cmocka_unit_test(test_lists_pick_what_is_meant),
      cmocka_unit_test(test_defaults_and_attributes),
      cmocka_unit_test(test_scopes_of_multiclass),
      cmocka_unit_test(test_unknown_names),
      cmocka_unit_test(test_known_ids),
      cmocka_unit_test(test_every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
