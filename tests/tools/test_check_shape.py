"""The shape check says what it must say on small trees, and nothing on a sound one."""

import pathlib
import subprocess
import sys

import pytest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check-shape"
SOUND = {
    "src/base/README.md": "# base\n",
    "src/base/text.c": "/* Text. */\nint text;\n",
    "src/base/text_columns.c": "/* Columns of text. */\nint columns;\n",
    "src/base/text_test.c": "/* Its test. */\n",
    "src/base/odd.c": "// Odd.\n",
    "tools/README.md": "# tools\n",
    "tools/untested.txt": "src/base/odd.c: only a table\n",
}


def run(tmp_path, files):
    for name, text in {**SOUND, **files}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = subprocess.run([sys.executable, str(CHECK), str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == (1 if done.stdout else 0)
    return done.stdout


def test_sound_tree_is_quiet(tmp_path):
    assert run(tmp_path, {}) == ""


@pytest.mark.parametrize(
    "path, text, says",
    [
        ("src/base/text.c", "int text;\n", "opens without a comment"),
        ("src/base/text.c", "/* Text. */\n" + "int x;\n" * 1000, "1001 lines"),
        ("src/base/text.c", "/* Text. */\n/* TODO more */\n", "dead text"),
        ("src/base/text.c", "/* Text. */\n#if 0\n#endif\n", "dead text"),
        ("src/base/text_test.c", "/* Text. */\nassert_float_equal(a, b, 0);\n", "passes on NaN"),
        ("src/base/text.c", '/* Text. */\n"/home/me/x"\n', "path of one machine"),
        ("src/base/README.md", "see https://pypi.org/x\n", "registry"),
        ("src/base/lone.c", "/* Alone. */\n", "no lone_test.c beside it"),
        ("src/base/odd_test.c", "/* Now tested. */\n", "odd.c has a test beside it"),
        ("tools/untested.txt", "src/base/odd.c:\n", "no reason"),
        ("tools/untested.txt", "src/base/odd.c: x\nsrc/base/gone.c: x\n", "does not exist"),
        ("src/stats/root.h", "/* Roots. */\n", "src/stats: no README.md"),
    ],
)
def test_what_is_out_of_shape_is_named(tmp_path, path, text, says):
    out = run(tmp_path, {path: text})
    assert says in out and len(out.strip().split("\n")) == 1
