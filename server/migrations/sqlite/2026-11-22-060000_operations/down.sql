CREATE TABLE wide_operations (
    document_id TEXT NOT NULL REFERENCES documents (id),
    revision BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    op TEXT NOT NULL,
    committed_at_ms BIGINT NOT NULL,
    author_id TEXT,
    PRIMARY KEY (document_id, revision),
    UNIQUE (document_id, client_id, sequence)
);

INSERT INTO wide_operations (document_id, revision, client_id, sequence, op, committed_at_ms, author_id)
SELECT document_id, revision,
    lower(substr(hex(client), 1, 8) || '-' || substr(hex(client), 9, 4) || '-' || substr(hex(client), 13, 4) || '-'
        || substr(hex(client), 17, 4) || '-' || substr(hex(client), 21)),
    sequence, op, committed_at_ms, author_id
FROM operations JOIN document_numbers ON operations.document = document_numbers.number;

DROP TABLE operations;
ALTER TABLE wide_operations RENAME TO operations;

-- A snapshot that is compressed can't be read by what is before; the ops since one that is not lead to the same.
CREATE TABLE wide_snapshots (
    document_id TEXT NOT NULL REFERENCES documents (id),
    revision BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (document_id, revision)
);

INSERT INTO wide_snapshots (document_id, revision, body)
SELECT document_id, revision, CAST(substr(body, 2) AS TEXT)
FROM snapshots JOIN document_numbers ON snapshots.document = document_numbers.number
WHERE substr(body, 1, 1) = CAST('j' AS BLOB);

DROP TABLE snapshots;
ALTER TABLE wide_snapshots RENAME TO snapshots;
DROP TABLE document_numbers;
