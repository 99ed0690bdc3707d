-- Revisions that somebody gave a name.
CREATE TABLE versions (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    revision BIGINT NOT NULL,
    name TEXT NOT NULL,
    author_id TEXT,
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (document_id, revision)
);

-- The merges of a branch and its parent, numbered from 1. One is noted before its op is committed, so that whoever comes
-- after a crash brings it to its end; `revision` is what it became in the document that it goes into.
CREATE TABLE merges (
    branch_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    direction TEXT NOT NULL,
    author_id TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    parent_revision BIGINT NOT NULL,
    branch_revision BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    op TEXT NOT NULL,
    ahead TEXT NOT NULL,
    revision BIGINT,
    PRIMARY KEY (branch_id, number)
);
