/*
 * The first screen of a judged run.
 *
 *   INCONCLUSIVE  regulated-decision v1 · candidate boost vs baseline logit · 8,214 rows (all) · …
 *     Nothing proven worse. 2 of 7 gates undecided
 *    tier gate                       -2m  -1m   0   +1m  +2m    + better, of margin
 *    1  fairness.equalized_odds           ├───┊●─────┤          -0.0040 of 0.02  UNDECIDED n=10,100
 *   Nine: correctness proven better · fairness undecided · …
 *   Obstacle: …
 *
 * Cases:
 *  1. Names, numbers and states line up over all gates.
 *  2. Where a gate does not fit on one line, the drawing gets narrower, then each gate takes two
 * lines: name and state, bar and number; one, where there is no bar and the number fits behind the
 * state. A name that is longer still gives way (an ellipsis), never a number.
 *  3. No margin (a requirement) or a margin of 0: no bar, since there is no unit to draw in.
 *  4. One of the nine that was not judged is named with its reason, never coloured.
 */
#include "report/terminal_verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/obstacle.h"
#include "report/words.h"

/* The drawing of -3 … +3 margins: 5, 4 or 3 cells for a margin. */
#define N_DRAWINGS 3
static const struct {
  size_t columns;
  const char *axis;
} drawings[N_DRAWINGS] = {{31, "    -2m  -1m   0   +1m  +2m    "},
                          {25, "   -2m -1m  0  +1m +2m   "},
                          {19, "  -2 -1  0 +1 +2   "}};
static const char number_head[] = "+ better, of margin";

static enum page_ink ink_of(enum words_tone tone) {
  static const enum page_ink inks[] = {INK_PLAIN, INK_GREEN, INK_YELLOW, INK_RED};
  return inks[tone];
}

static const char *said(const struct text *text) {
  return text->data == NULL ? "" : text->data;
}

struct forest {
  size_t name, number, state; /* columns of the widest */
  size_t drawing;
  bool is_one_line;
};

static size_t widest(size_t so_far, struct text *text, struct page *page) {
  size_t columns = text_columns(said(text));
  page_part_done(page, text);
  return columns > so_far ? columns : so_far;
}

/* Cases 1 and 2. */
static struct forest lay_out(struct page *page, const json_t *gates) {
  struct forest forest = {.name = 4, .number = sizeof number_head - 1, .state = 5};
  for (size_t i = 0; i < json_array_size(gates); i++) {
    const json_t *gate = json_array_get(gates, i);
    struct text name = {0}, number = {0}, state = {0};
    words_gate_name(&name, gate);
    words_gate_number(&number, page->root, gate);
    words_gate_state(&state, gate);
    forest.name = widest(forest.name, &name, page);
    forest.number = widest(forest.number, &number, page);
    text_append(&state, page_string(gate, "reason")[0] == '\0' ? "" : " (12)"); /* a footnote */
    forest.state = widest(forest.state, &state, page);
  }
  for (; forest.drawing < N_DRAWINGS && !forest.is_one_line;
       forest.drawing += !forest.is_one_line) {
    forest.is_one_line = page->style.columns >= 4 + forest.name + 1 +
                                                    drawings[forest.drawing].columns + 2 +
                                                    forest.number + 2 + forest.state;
  }
  forest.drawing = forest.is_one_line ? forest.drawing : 0;
  return forest;
}

/* The difference in margin units on -3 … +3, a line at -1 (case 3). */
static void render_bar(struct page *page, const json_t *gate, size_t columns) {
  double margin = page_number(gate, "margin"), unit = margin > 0.0 ? margin : NAN;
  page_bar(page, page_number(gate, "difference") / unit, page_number(gate, "low") / unit,
           page_number(gate, "high") / unit, -3.0, 3.0, -1.0, columns);
}

/* Padded to so many columns. */
static void render_state(struct page *page, const json_t *gate, size_t columns) {
  const char *reason = words_reason(page->root, gate);
  struct text state = {0};
  words_gate_state(&state, gate);
  page_ink(page, ink_of(words_tone(page_string(gate, "state"))));
  text_append(page->text, said(&state));
  page_ink(page, INK_PLAIN);
  size_t taken = text_columns(said(&state));
  if (reason[0] != '\0') {
    char mark[32];
    taken += (size_t)snprintf(mark, sizeof mark, " (%zu)", page_note(page, reason));
    text_append(page->text, mark);
  }
  text_repeat(page->text, " ", columns > taken ? columns - taken : 0);
  page_part_done(page, &state);
}

static bool has_difference(const json_t *gate) {
  return isfinite(page_number(gate, "difference"));
}

/* Of the first of two lines (case 2). */
static size_t name_columns(const struct page *page, const struct forest *forest) {
  const size_t left = page->style.columns - (4 + 2 + forest->state);
  return left < forest->name ? left : forest->name;
}

/* Case 2; without a bar the number stands behind the state, if it fits. */
static void render_two_lines(struct page *page, const json_t *gate, const struct forest *forest,
                             const char *name, const char *number) {
  const size_t columns = name_columns(page, forest),
               taken = 4 + columns + 2 + forest->state + 2 + text_columns(number);
  const bool is_one =
      !(page_number(gate, "margin") > 0.0 && has_difference(gate)) && taken <= page->style.columns;
  page_cell(page, name, (int)columns);
  text_append(page->text, "  ");
  render_state(page, gate, is_one ? forest->state : 0);
  if (is_one) {
    text_printf(page->text, "  %s\n", number);
  } else {
    text_append(page->text, "\n    ");
    render_bar(page, gate, drawings[forest->drawing].columns);
    text_append(page->text, "  ");
    page_wrap(page, number, 4 + drawings[forest->drawing].columns + 2, 4);
  }
}

static void render_gate(struct page *page, const json_t *gate, const struct forest *forest) {
  char tier[32];
  struct text name = {0}, number = {0};
  page_plain(tier, page_number(gate, "tier"));
  words_gate_name(&name, gate);
  words_gate_number(&number, page->root, gate);
  text_printf(page->text, " %-2s ", tier);
  if (forest->is_one_line) {
    page_cell(page, said(&name), (int)forest->name);
    text_append(page->text, " ");
    render_bar(page, gate, drawings[forest->drawing].columns);
    text_append(page->text, "  ");
    page_cell(page, said(&number), (int)forest->number);
    text_append(page->text, "  ");
    render_state(page, gate, 0);
    text_append(page->text, "\n");
  } else {
    render_two_lines(page, gate, forest, said(&name), said(&number));
  }
  page_part_done(page, &name);
  page_part_done(page, &number);
}

static void render_forest(struct page *page) {
  json_t *gates = words_gates(page->root);
  page->text->failed = page->text->failed || gates == NULL;
  if (json_array_size(gates) > 0) {
    const struct forest forest = lay_out(page, gates);
    text_append(page->text, "\n");
    page_ink(page, INK_DIM);
    text_append(page->text, "tier gate");
    text_repeat(page->text, " ",
                (forest.is_one_line ? forest.name : name_columns(page, &forest)) - 4);
    text_printf(page->text, "%s%s  %s", forest.is_one_line ? "" : " state\n    ",
                drawings[forest.drawing].axis, number_head);
    text_repeat(page->text, " ", forest.is_one_line ? forest.number - (sizeof number_head - 1) : 0);
    text_append(page->text, forest.is_one_line ? "  state" : "");
    page_ink(page, INK_PLAIN);
    text_append(page->text, "\n");
    for (size_t i = 0; i < json_array_size(gates); i++) {
      render_gate(page, json_array_get(gates, i), &forest);
    }
  }
  json_decref(gates);
}

static void render_sentence(struct page *page, const char *label, struct text *sentence) {
  if (sentence->length > 0) {
    page_ink(page, INK_BOLD);
    text_append(page->text, label);
    page_ink(page, INK_PLAIN);
    page_wrap(page, said(sentence), text_columns(label), 2);
  }
  page_part_done(page, sentence);
}

/* Case 4: those with something to tell one by one, the rest by the reason. */
static void render_nine(struct page *page) {
  struct text line = {0};
  const char *dot = "";
  for (size_t i = 0; i < WORDS_ATTRIBUTES; i++) {
    enum words_tone tone;
    const char *words = words_attribute(page->root, words_attributes[i], &tone);
    if (tone != TONE_NONE) {
      text_printf(&line, "%s%s %s", dot, words_attributes[i], words);
      dot = " · ";
    }
  }
  struct text coverage = {0};
  words_coverage(&coverage, page->root);
  if (coverage.length > 0) {
    text_printf(&line, "%s%s", dot, coverage.data);
  }
  page_part_done(page, &coverage);
  render_sentence(page, "Nine: ", &line);
}

void terminal_verdict(struct page *page) {
  const json_t *verdict = json_object_get(page->root, "verdict"),
               *because = json_object_get(verdict, "because");
  const char *state = page_string(verdict, "state");
  struct text told = {0}, headline = {0}, decide = {0}, obstacle = {0};
  words_state(&told, page->root);
  words_headline(&headline, page->root);
  page_ink(page, INK_BOLD);
  page_ink(page, ink_of(words_tone(state)));
  text_append(page->text, said(&told));
  page_ink(page, INK_PLAIN);
  text_append(page->text, "  ");
  page_wrap(page, said(&headline), text_columns(said(&told)) + 2, 2);
  page_part_done(page, &told);
  page_part_done(page, &headline);
  for (size_t i = 0; i < json_array_size(because); i++) {
    const char *line = json_string_value(json_array_get(because, i));
    text_append(page->text, "  ");
    page_wrap(page, line == NULL ? "" : line, 2, 2);
  }
  words_decide(&decide, page->root);
  render_sentence(page, "  ", &decide);
  render_forest(page);
  text_append(page->text, "\n");
  render_nine(page);
  obstacle_say(&obstacle, page->root);
  render_sentence(page, "Obstacle: ", &obstacle);
}
