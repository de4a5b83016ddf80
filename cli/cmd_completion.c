/*
 * nonet completion: scripts for bash, zsh and fish, written from the tables of subcommands and
 * options and from the catalogue.
 *
 * In every shell: the first word is a subcommand; "--" completes that subcommand's options; behind
 * an option its choices, the measures, or files; any other word is a file.
 */
#include <string.h>

#include "options.h"
#include "output.h"

static void print_measures(FILE *out) {
  nonet_measure_info info;
  const char *attribute = "", *separator = "";
  for (size_t i = 0; nonet_catalogue_at(i, &info); i++) {
    if (strcmp(attribute, info.attribute) != 0) {
      attribute = info.attribute;
      fprintf(out, "%s%s", separator, attribute);
      separator = " ";
    }
    fprintf(out, " %s", info.id);
  }
}

static void print_contexts(FILE *out) {
  for (size_t i = 0; nonet_context_name(i) != NULL; i++) {
    fprintf(out, "%s%s", i == 0 ? "" : " ", nonet_context_name(i));
  }
}

static void print_choices(FILE *out, const struct option_record *record) {
  if (strcmp(record->choices, "@measures") == 0) {
    print_measures(out);
  } else {
    fputs(record->choices, out);
  }
}

static bool has_words(const struct option_record *record) {
  return record->choices != NULL && strcmp(record->choices, "@file") != 0;
}

static void print_bash(FILE *out) {
  fputs("# bash completion of nonet: source it, or put it into\n"
        "# ~/.local/share/bash-completion/completions/nonet\n"
        "_nonet() {\n"
        "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
        "  local command=${COMP_WORDS[1]} words=\n"
        "  COMPREPLY=()\n"
        "  if [[ $COMP_CWORD -eq 1 ]]; then\n"
        "    words='--help --version",
        out);
  for (const struct command *command = commands; command->name != NULL; command++) {
    fprintf(out, "%s%s", command->run != NULL ? " " : "",
            command->run != NULL ? command->name : "");
  }
  fputs("'\n    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n    return\n  fi\n"
        "  case $before in\n",
        out);
  for (const struct option_record *record = option_table; record->name != NULL; record++) {
    if (has_words(record)) {
      fprintf(out, "    --%s) words='", record->name);
      print_choices(out, record);
      fputs("' ;;\n", out);
    }
  }
  fputs("  esac\n"
        "  if [[ -n $words ]]; then\n"
        "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n    return\n  fi\n"
        "  if [[ $word == -* ]]; then\n"
        "    case $command in\n",
        out);
  for (const struct command *command = commands; command->name != NULL; command++) {
    if (command->run == NULL) {
      continue;
    }
    fprintf(out, "      %s) words='", command->name);
    const char *separator = "";
    for (const struct option_record *record = option_table; record->name != NULL; record++) {
      if ((record->commands & command->bit) != 0) {
        fprintf(out, "%s--%s", separator, record->name);
        separator = " ";
      }
    }
    fputs("' ;;\n", out);
  }
  fputs("    esac\n"
        "  elif [[ $command == completion ]]; then\n"
        "    words='bash zsh fish'\n"
        "  elif [[ $command == context && $COMP_CWORD -eq 2 ]]; then\n"
        "    words='list show diff check'\n"
        "  elif [[ $command == context && $before != check ]]; then\n"
        "    words='",
        out);
  print_contexts(out);
  fputs("'\n"
        "  elif [[ $command == catalogue ]]; then\n"
        "    words='",
        out);
  print_measures(out);
  fputs("'\n  else\n"
        "    COMPREPLY=($(compgen -f -- \"$word\"))\n    return\n  fi\n"
        "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
        "}\n"
        "complete -o filenames -F _nonet nonet\n",
        out);
}

/* Text inside single quotes of zsh's _arguments: brackets and colons mean something there. */
static void print_zsh_text(FILE *out, const char *text) {
  for (; *text != '\0'; text++) {
    if (*text == '\'') {
      fputs("'\\''", out);
    } else {
      if (strchr("[]:\\", *text) != NULL) {
        fputc('\\', out);
      }
      fputc(*text, out);
    }
  }
}

static void print_zsh(FILE *out) {
  fputs("#compdef nonet\n_nonet() {\n  local -a commands\n  commands=(\n", out);
  for (const struct command *command = commands; command->name != NULL; command++) {
    if (command->run != NULL) {
      fprintf(out, "    '%s:", command->name);
      print_zsh_text(out, command->summary);
      fputs("'\n", out);
    }
  }
  fputs("  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
        "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n",
        out);
  for (const struct command *command = commands; command->name != NULL; command++) {
    if (command->run == NULL) {
      continue;
    }
    fprintf(out, "    %s)\n      _arguments", command->name);
    for (const struct option_record *record = option_table; record->name != NULL; record++) {
      if ((record->commands & command->bit) == 0) {
        continue;
      }
      fprintf(out, " \\\n        '--%s[", record->name);
      print_zsh_text(out, record->help);
      fputc(']', out);
      if (record->value != NULL) {
        fprintf(out, ":%s:", record->name);
        if (has_words(record)) {
          fputc('(', out);
          print_choices(out, record);
          fputc(')', out);
        } else if (record->choices != NULL) {
          fputs("_files", out);
        }
      }
      fputc('\'', out);
    }
    if (command->bit == CMD_CONTEXT) {
      fputs(" \\\n        '1:verb:(list show diff check)' '*:context:(", out);
      print_contexts(out);
      fputs(")' ;;\n", out);
    } else {
      fputs(command->bit == CMD_COMPLETION ? " \\\n        '*:shell:(bash zsh fish)' ;;\n"
                                           : " \\\n        '*:file:_files' ;;\n",
            out);
    }
  }
  fputs("  esac\n}\n_nonet \"$@\"\n", out);
}

static void print_fish_text(FILE *out, const char *text) {
  for (; *text != '\0'; text++) {
    if (*text == '\'' || *text == '\\') {
      fputc('\\', out);
    }
    fputc(*text, out);
  }
}

static void print_fish(FILE *out) {
  for (const struct command *command = commands; command->name != NULL; command++) {
    if (command->run == NULL) {
      continue;
    }
    fprintf(out, "complete -c nonet -f -n __fish_use_subcommand -a %s -d '", command->name);
    print_fish_text(out, command->summary);
    fputs("'\n", out);
    for (const struct option_record *record = option_table; record->name != NULL; record++) {
      if ((record->commands & command->bit) == 0) {
        continue;
      }
      fprintf(out, "complete -c nonet -n '__fish_seen_subcommand_from %s' -l %s%s", command->name,
              record->name,
              record->value == NULL ? ""
              : has_words(record)   ? " -x -a '"
                                    : " -r");
      if (has_words(record)) {
        print_choices(out, record);
        fputc('\'', out);
      }
      fputs(" -d '", out);
      print_fish_text(out, record->help);
      fputs("'\n", out);
    }
  }
  fputs("complete -c nonet -f -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n"
        "complete -c nonet -n '__fish_seen_subcommand_from context' -a 'list show diff check ",
        out);
  print_contexts(out);
  fputs("'\n", out);
}

int cmd_completion(const struct command *command, const struct arguments *arguments) {
  static const struct {
    const char *name;
    void (*print)(FILE *out);
  } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
  const char *asked = arguments->n_operands == 1 ? arguments->operands[0] : "";
  char message[160];
  for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
    if (strcmp(shells[i].name, asked) == 0) {
      struct output output;
      if (output_open(&output)) {
        shells[i].print(output.stream);
      }
      return output_close(&output, command, 0);
    }
  }
  snprintf(message, sizeof message, "expected a shell: bash, zsh or fish; found '%.60s'", asked);
  return output_error(command, NONET_E_USAGE, message);
}
