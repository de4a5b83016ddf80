/*
 * The store's tables, as numbered steps: step k brings a file of version k to k + 1, and a step
 * that was released never changes again.
 *
 * The document is the record; the rows beside it are what history and looks ask for, so that
 * nothing has to be parsed to draw a chart. Hashes of models and data name what was judged: a
 * question outlives the runs that asked it, therefore looks carry a run's id and no reference.
 */
#include "evidence/store_private.h"

const char *const store_migrations[STORE_VERSION] = {
    /* 0 to 1 */
    "CREATE TABLE runs ("
    " place INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " started TEXT NOT NULL,"
    " command TEXT NOT NULL,"
    " context TEXT NOT NULL,"
    " context_version INTEGER NOT NULL,"
    " verdict TEXT NOT NULL,"
    " digest TEXT NOT NULL,"
    " n_bytes INTEGER NOT NULL," /* of the JSON */
    " document BLOB NOT NULL"    /* the JSON, a zstd frame */
    ") STRICT;"
    "CREATE INDEX runs_started ON runs (started, place);"
    "CREATE TABLE models ("
    " run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    " position INTEGER NOT NULL,"
    " role TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " path TEXT NOT NULL,"
    " sha256 TEXT NOT NULL,"
    " PRIMARY KEY (run, position)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE data ("
    " run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    " position INTEGER NOT NULL,"
    " role TEXT NOT NULL,"
    " source TEXT NOT NULL,"
    " sha256 TEXT NOT NULL,"
    " rows_used INTEGER NOT NULL,"
    " PRIMARY KEY (run, position)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE estimates ("
    " run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    " measure TEXT NOT NULL,"
    " scope TEXT NOT NULL," /* as store_scope_text writes it */
    " role TEXT NOT NULL,"
    " value REAL, low REAL, high REAL, level REAL, n REAL,"
    " PRIMARY KEY (measure, scope, role, run)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX estimates_run ON estimates (run);"
    "CREATE TABLE questions ("
    " id INTEGER PRIMARY KEY,"
    " candidate TEXT NOT NULL,"
    " baseline TEXT NOT NULL,"
    " context TEXT NOT NULL,"
    " context_version INTEGER NOT NULL,"
    " source TEXT NOT NULL,"
    " n_max REAL," /* frozen at the first look */
    " UNIQUE (candidate, baseline, context, context_version, source)"
    ") STRICT;"
    "CREATE TABLE looks ("
    " question INTEGER NOT NULL REFERENCES questions,"
    " number INTEGER NOT NULL,"
    " data TEXT NOT NULL," /* hash of the rows */
    " n_rows INTEGER NOT NULL,"
    " run TEXT NOT NULL,"
    " verdict TEXT NOT NULL,"
    " n_repeats INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (question, number),"
    " UNIQUE (question, data)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX looks_data ON looks (data);"};
