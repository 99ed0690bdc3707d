-- Short numbers stand for documents in the rows of their history, which are many.
CREATE TABLE document_numbers (
    number INTEGER NOT NULL PRIMARY KEY,
    document_id TEXT NOT NULL UNIQUE REFERENCES documents (id)
);

INSERT INTO document_numbers (document_id) SELECT id FROM documents ORDER BY id;

CREATE TABLE small_operations (
    document INTEGER NOT NULL REFERENCES document_numbers (number),
    revision BIGINT NOT NULL,
    client BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    author_id TEXT,
    op TEXT NOT NULL,
    committed_at_ms BIGINT NOT NULL,
    PRIMARY KEY (document, revision),
    UNIQUE (document, client, sequence)
) WITHOUT ROWID;

INSERT INTO small_operations (document, revision, client, sequence, author_id, op, committed_at_ms)
SELECT number, revision, unhex(client_id, '-'), sequence, author_id, op, committed_at_ms
FROM operations JOIN document_numbers USING (document_id)
ORDER BY number, revision;

DROP TABLE operations;
ALTER TABLE small_operations RENAME TO operations;

-- The first byte of a body says how the rest is written: j as JSON, z as JSON that is compressed.
CREATE TABLE small_snapshots (
    document INTEGER NOT NULL REFERENCES document_numbers (number),
    revision BIGINT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (document, revision)
);

INSERT INTO small_snapshots (document, revision, body)
SELECT number, revision, CAST('j' || body AS BLOB) FROM snapshots JOIN document_numbers USING (document_id);

DROP TABLE snapshots;
ALTER TABLE small_snapshots RENAME TO snapshots;
