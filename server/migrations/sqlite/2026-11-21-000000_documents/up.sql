CREATE TABLE workspaces (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE documents (
    id TEXT NOT NULL PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    title TEXT NOT NULL,
    revision BIGINT NOT NULL,
    edited_at_ms BIGINT NOT NULL
);

-- The keys decide the order of ops, and that a submission counts once.
CREATE TABLE operations (
    document_id TEXT NOT NULL REFERENCES documents (id),
    revision BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    op TEXT NOT NULL,
    committed_at_ms BIGINT NOT NULL,
    PRIMARY KEY (document_id, revision),
    UNIQUE (document_id, client_id, sequence)
);

CREATE TABLE snapshots (
    document_id TEXT NOT NULL REFERENCES documents (id),
    revision BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (document_id, revision)
);
