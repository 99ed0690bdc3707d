-- From which other documents the newest revision of a document takes values.
CREATE TABLE links (
    document_id TEXT NOT NULL REFERENCES documents (id),
    source_id TEXT NOT NULL,
    PRIMARY KEY (document_id, source_id)
);

CREATE INDEX links_by_source ON links (source_id);

-- Its one row is the lock under which links change, so that no two of them close a circle at once.
CREATE TABLE link_changes (
    id BIGINT NOT NULL PRIMARY KEY,
    count BIGINT NOT NULL
);

INSERT INTO link_changes (id, count) VALUES (1, 0);
