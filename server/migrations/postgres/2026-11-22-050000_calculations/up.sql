-- What people had calculated. `node` is the server that does it; while that one lives, it counts `beats` on.
CREATE TABLE calculations (
    id TEXT NOT NULL PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    revision BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    parameters TEXT NOT NULL,
    state TEXT NOT NULL,
    progress BIGINT NOT NULL,
    result TEXT,
    file BYTEA,
    error TEXT,
    created_at_ms BIGINT NOT NULL,
    started_at_ms BIGINT,
    finished_at_ms BIGINT,
    node TEXT NOT NULL,
    beats BIGINT NOT NULL,
    attempts BIGINT NOT NULL
);

CREATE INDEX calculations_of_documents ON calculations (document_id, created_at_ms, id);
CREATE INDEX unfinished_calculations ON calculations (user_id, id) WHERE finished_at_ms IS NULL;
CREATE INDEX finished_calculations ON calculations (finished_at_ms) WHERE finished_at_ms IS NOT NULL;
