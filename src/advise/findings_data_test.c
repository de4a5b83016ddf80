/* Findings: from estimates to what they mean, and silence where nothing is proven. */
#include "advise/findings_data.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct evidence *begin(void) {
  struct evidence *evidence;
  assert_int_equal(evidence_new("data", &evidence, NULL), NONET_OK);
  evidence_set_config(evidence, "label", json_string("y"));
  return evidence;
}

static void add(struct evidence *evidence, const char *measure, struct evidence_scope scope,
                double value, double low, double high, double n) {
  const struct evidence_estimate row = {.measure = measure,
                                        .attribute = "data",
                                        .role = ROLE_CANDIDATE,
                                        .scope = scope,
                                        .value = value,
                                        .low = low,
                                        .high = high,
                                        .level = 0.95,
                                        .method = "exact",
                                        .n = n,
                                        .n_effective = n};
  evidence_add_estimate(evidence, &row);
}

static struct evidence_scope of_class(const char *name) {
  return (struct evidence_scope){.kind = SCOPE_CLASS, .class_name = name};
}

static void add_classes(struct evidence *evidence, double n_rare, double n_common, double low,
                        double high) {
  const struct evidence_scope all = {.kind = SCOPE_ALL};
  add(evidence, "data.class_counts", of_class("rare"), n_rare, n_rare, n_rare, n_rare);
  add(evidence, "data.class_counts", of_class("common"), n_common, n_common, n_common, n_common);
  add(evidence, "data.imbalance_ratio", all, n_common / n_rare, low, high, n_rare + n_common);
  add(evidence, "data.no_information_rate", all, n_common / (n_rare + n_common), NAN, NAN,
      n_rare + n_common);
}

static const json_t *found(const struct evidence *evidence, const char *id) {
  const json_t *rows = json_object_get(evidence->root, "findings");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    if (strcmp(json_string_value(json_object_get(json_array_get(rows, i), "id")), id) == 0) {
      return json_array_get(rows, i);
    }
  }
  return NULL;
}

static const char *text_of(const json_t *finding, const char *key) {
  const char *text = json_string_value(json_object_get(finding, key));
  assert_non_null(text);
  return text;
}

/* 371 of 8,879: 0.0507 = 1.96/(2·sqrt(371 + 3.84)) by hand; 381 rows give 0.05. */
static void test_imbalance(void **state) {
  (void)state;
  struct evidence *evidence = begin();
  add_classes(evidence, 371, 8508, 20.7, 25.4);
  assert_int_equal(findings_data(evidence, NULL), NONET_OK);
  const json_t *finding = found(evidence, "data.class_imbalance");
  assert_string_equal(text_of(finding, "severity"), "warning");
  assert_string_equal(text_of(finding, "title"),
                      "class imbalance: 371 of 8,879 rows are y = rare (4.18 %)");
  assert_non_null(
      strstr(text_of(finding, "evidence"), "always answering common is right in 95.8 %"));
  assert_non_null(
      strstr(text_of(finding, "evidence"), "±0.051 at the worst: ±0.05 takes 381 rows"));
  assert_non_null(strstr(text_of(finding, "remedy"), "class weights"));
  evidence_free(evidence);
}

static void test_too_few_to_judge(void **state) {
  (void)state;
  struct evidence *evidence = begin();
  add_classes(evidence, 35, 1449, 29.0, 60.0);
  assert_int_equal(findings_data(evidence, NULL), NONET_OK);
  assert_string_equal(text_of(found(evidence, "data.class_imbalance"), "severity"), "error");
  evidence_free(evidence);
}

/* Even classes of a small table, 1.96/(2·sqrt(75 + 3.84)) = 0.11: few rows, not imbalance. */
static void test_few_rows(void **state) {
  (void)state;
  struct evidence *evidence = begin();
  add_classes(evidence, 75, 75, 1.0, 1.4);
  assert_int_equal(findings_data(evidence, NULL), NONET_OK);
  const json_t *finding = found(evidence, "data.few_rows");
  assert_null(found(evidence, "data.class_imbalance"));
  assert_string_equal(text_of(finding, "severity"), "warning");
  assert_string_equal(text_of(finding, "title"), "few rows: 75 of y = rare");
  assert_non_null(strstr(text_of(finding, "evidence"), "±0.11 at the worst: ±0.05 takes 381"));
  evidence_free(evidence);
}

/* The interval reaches down to where nothing is wrong: silence. */
static void test_balanced(void **state) {
  (void)state;
  struct evidence *evidence = begin();
  const struct evidence_scope all = {.kind = SCOPE_ALL};
  add_classes(evidence, 900, 1100, 1.1, 1.3);
  add(evidence, "data.tomek_links", all, 0.03, 0.01, 0.05, 2000);
  add(evidence, "data.duplicates", all, 0.005, 0.005, 0.005, 2000);
  assert_int_equal(findings_data(evidence, NULL), NONET_OK);
  assert_int_equal(json_array_size(json_object_get(evidence->root, "findings")), 0);
  evidence_free(evidence);
}

static void test_groups(void **state) {
  (void)state;
  struct evidence *evidence = begin();
  const char *by_column[] = {"sex"}, *by_value[] = {"f"}, *other[] = {"m"};
  struct evidence_scope scope = {.kind = SCOPE_GROUP,
                                 .n_by = 1,
                                 .by_column = by_column,
                                 .by_value = by_value,
                                 .class_name = "rare"};
  add(evidence, "data.group_by_class", scope, 0.232, 0.232, 0.232, 14);
  scope.by_value = other;
  add(evidence, "data.group_by_class", scope, 0.04, 0.04, 0.04, 600);
  assert_int_equal(findings_data(evidence, NULL), NONET_OK);
  const json_t *finding = found(evidence, "data.group_by_class");
  assert_string_equal(text_of(finding, "title"),
                      "too few rows to judge recall in 1 of 2 cells of group × class");
  assert_non_null(strstr(text_of(finding, "evidence"),
                         "fewest in sex=f, y=rare: 14, where recall is known to "
                         "±0.232 at the worst; ±0.1 takes 93 rows"));
  assert_string_equal(text_of(finding, "remedy"), "label 79 more rows of sex=f, y=rare, or join "
                                                  "groups; until then say 'not known' of them");
  evidence_free(evidence);
}

/* Only names of rows and a constant: nothing tells how near two rows are. */
static void test_no_distances(void **state) {
  (void)state;
  for (size_t n_features = 2; n_features <= 3; n_features++) {
    struct evidence *evidence = begin();
    const struct evidence_scope all = {.kind = SCOPE_ALL};
    evidence_set_config(evidence, "features",
                        n_features == 2 ? json_pack("[s,s]", "id", "one")
                                        : json_pack("[s,s,s]", "id", "one", "x"));
    add(evidence, "data.id_columns", all, 1, 1, 1, 2000);
    add(evidence, "data.constant_columns", all, 1, 1, 1, 2000);
    add(evidence, "data.tomek_links", all, 0.3, 0.2, 0.4, 2000);
    assert_int_equal(findings_data(evidence, NULL), NONET_OK);
    assert_true((found(evidence, "data.tomek_links") != NULL) == (n_features == 3));
    evidence_free(evidence);
  }
}

/* Parts of a class that lies apart from the others, and of more than one part's rows; the same
 * share where its rows are not proven to lie apart is no finding, nor where nothing is known. */
static void test_small_parts(void **state) {
  static const struct {
    double share, n, safe_low;
    bool is_found;
  } cases[] = {{0.6, 80, 0.55, true},
               {0.6, 80, 0.45, false},
               {0.6, 80, NAN, false},
               {1.0, 10, 0.55, false},
               {0.3, 80, 0.55, false}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct evidence *evidence = begin();
    add_classes(evidence, 100, 1900, 15, 24);
    add(evidence, "data.small_disjuncts", of_class("rare"), cases[i].share, NAN, NAN, cases[i].n);
    add(evidence, "data.overlap@safe", of_class("rare"), 0.7, cases[i].safe_low, 0.8, cases[i].n);
    assert_int_equal(findings_data(evidence, NULL), NONET_OK);
    const json_t *finding = found(evidence, "data.small_disjuncts");
    assert_true((finding != NULL) == cases[i].is_found);
    if (finding != NULL) {
      assert_string_equal(text_of(finding, "severity"), "info");
      assert_non_null(
          strstr(text_of(finding, "evidence"),
                 "60 % of its rows in the table hang together with fewer than 10 others "
                 "of it; 70 % [55, 80] lie among their own"));
    }
    evidence_free(evidence);
  }
}

/* 60 whole numbers in 600 rows are no names of classes; in 6,000 they may be, and texts are. */
static void test_numbers(void **state) {
  (void)state;
  for (int k = 0; k < 3; k++) {
    struct evidence *evidence = begin();
    json_t *classes = json_array();
    for (int c = 0; c < 60; c++) {
      assert_int_equal(json_array_append_new(classes, json_sprintf(k == 2 ? "c%d" : "%d", c)), 0);
    }
    evidence_set_config(evidence, "classes", classes);
    evidence_add_data(evidence, "test", "r.csv", 600, k == 1 ? 6000 : 600, "", NULL);
    add_classes(evidence, 1, 40, 5.0, 40.0);
    assert_int_equal(findings_data(evidence, NULL), NONET_OK);
    assert_true((found(evidence, "data.label_numbers") != NULL) == (k == 0));
    assert_true((found(evidence, "data.class_imbalance") == NULL) == (k == 0));
    evidence_free(evidence);
  }
}

/* Named in what to do, so that it can be done without looking further. */
static void test_named(void **state) {
  (void)state;
  struct evidence *evidence = begin();
  const struct evidence_scope column = {.kind = SCOPE_COLUMN, .column = "outcome"};
  add(evidence, "data.leaking_columns", column, 0.95, 0.93, 0.97, 500);
  assert_int_equal(findings_data(evidence, NULL), NONET_OK);
  assert_string_equal(text_of(found(evidence, "data.leaking_columns"), "remedy"),
                      "ask of outcome whether it is known before the label is; what is not, leave "
                      "out of the features");
  evidence_free(evidence);
}

/* Six columns: five are named. */
static void test_columns(void **state) {
  (void)state;
  static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};
  struct evidence *evidence = begin();
  for (size_t i = 0; i < 7; i++) {
    const struct evidence_scope scope = {.kind = SCOPE_COLUMN, .column = names[i]};
    add(evidence, "data.leaking_columns", scope, 0.95, i == 6 ? 0.5 : 0.93, 0.97, 500);
  }
  assert_int_equal(findings_data(evidence, NULL), NONET_OK);
  const json_t *finding = found(evidence, "data.leaking_columns");
  assert_string_equal(text_of(finding, "severity"), "error");
  assert_string_equal(text_of(finding, "title"), "6 columns alone tell the label");
  assert_non_null(strstr(text_of(finding, "evidence"), "e (0.95) and 1 more"));
  evidence_free(evidence);
}

/* Of many classes a column may honestly tell one from the others: no error. */
static void test_column_of_a_class(void **state) {
  (void)state;
  struct evidence *evidence = begin();
  const struct evidence_scope scope = {.kind = SCOPE_COLUMN, .column = "pixel"};
  evidence_set_config(evidence, "task", json_string("multiclass"));
  add(evidence, "data.leaking_columns", scope, 0.95, 0.93, 0.97, 500);
  assert_int_equal(findings_data(evidence, NULL), NONET_OK);
  const json_t *finding = found(evidence, "data.leaking_columns");
  assert_string_equal(text_of(finding, "severity"), "warning");
  assert_string_equal(text_of(finding, "title"), "1 column alone tells a class from the others");
  evidence_free(evidence);
}

/* Every finding says what to expect of its remedy, and no other name does. */
static void test_effect(void **state) {
  (void)state;
  assert_string_equal(findings_data_effect("data.id_columns"), "nothing learnt by heart");
  assert_null(findings_data_effect("deployability.schema_contract"));
}

static void test_nothing_there(void **state) {
  (void)state;
  struct evidence *evidence = begin();
  assert_int_equal(findings_data(evidence, NULL), NONET_OK);
  assert_int_equal(json_array_size(json_object_get(evidence->root, "findings")), 0);
  evidence_free(evidence);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_imbalance),     cmocka_unit_test(test_too_few_to_judge),
      cmocka_unit_test(test_few_rows),      cmocka_unit_test(test_balanced),
      cmocka_unit_test(test_groups),        cmocka_unit_test(test_columns),
      cmocka_unit_test(test_nothing_there), cmocka_unit_test(test_column_of_a_class),
      cmocka_unit_test(test_effect),        cmocka_unit_test(test_no_distances),
      cmocka_unit_test(test_small_parts),   cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
