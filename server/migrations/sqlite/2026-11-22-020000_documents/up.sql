-- Names of workspaces are no keys: two teams may both have a workspace "Valuation". SQLite takes a key away only with
-- its table. References to the rows are checked when the transaction ends, and by then the rows are back.
PRAGMA defer_foreign_keys = ON;
CREATE TEMPORARY TABLE kept_workspaces AS SELECT id, name FROM workspaces;
DROP TABLE workspaces;
CREATE TABLE workspaces (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);
INSERT INTO workspaces (id, name, created_at_ms) SELECT id, name, 0 FROM kept_workspaces;
DROP TABLE kept_workspaces;

ALTER TABLE documents ADD COLUMN kind TEXT NOT NULL DEFAULT 'model';
ALTER TABLE documents ADD COLUMN template TEXT;
ALTER TABLE documents ADD COLUMN created_by TEXT;
ALTER TABLE documents ADD COLUMN created_at_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN archived_at_ms BIGINT;
-- A branch has a parent, and begins with the parent at this revision.
ALTER TABLE documents ADD COLUMN parent_id TEXT REFERENCES documents (id);
ALTER TABLE documents ADD COLUMN fork_revision BIGINT;
-- The title as lists sort by it: in small letters.
ALTER TABLE documents ADD COLUMN title_key TEXT NOT NULL DEFAULT '';
-- The revision whose words the search knows; none when it has to read the document anew.
ALTER TABLE documents ADD COLUMN indexed_revision BIGINT;

ALTER TABLE operations ADD COLUMN author_id TEXT;

-- When a document of before was made is known from its first op, if it has any.
UPDATE documents SET
    title_key = lower(title),
    created_at_ms = coalesce(
        (SELECT min(committed_at_ms) FROM operations WHERE operations.document_id = documents.id), edited_at_ms);
UPDATE workspaces SET created_at_ms = coalesce(
    (SELECT min(created_at_ms) FROM documents WHERE documents.workspace_id = workspaces.id), 0);

CREATE INDEX documents_by_edited ON documents (workspace_id, kind, edited_at_ms, id)
    WHERE parent_id IS NULL AND archived_at_ms IS NULL;
CREATE INDEX documents_by_created ON documents (workspace_id, kind, created_at_ms, id)
    WHERE parent_id IS NULL AND archived_at_ms IS NULL;
CREATE INDEX documents_by_title ON documents (workspace_id, kind, title_key, id)
    WHERE parent_id IS NULL AND archived_at_ms IS NULL;
CREATE INDEX archived_documents_by_edited ON documents (workspace_id, kind, edited_at_ms, id)
    WHERE parent_id IS NULL AND archived_at_ms IS NOT NULL;
CREATE INDEX archived_documents_by_created ON documents (workspace_id, kind, created_at_ms, id)
    WHERE parent_id IS NULL AND archived_at_ms IS NOT NULL;
CREATE INDEX archived_documents_by_title ON documents (workspace_id, kind, title_key, id)
    WHERE parent_id IS NULL AND archived_at_ms IS NOT NULL;
CREATE INDEX branches ON documents (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX documents_to_index ON documents (id)
    WHERE parent_id IS NULL AND (indexed_revision IS NULL OR indexed_revision <> revision);

-- What the search knows of a document. Words are in small letters without accents, with spaces between them.
CREATE TABLE document_texts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL UNIQUE REFERENCES documents (id) ON DELETE CASCADE,
    body TEXT NOT NULL,
    title_words TEXT NOT NULL,
    body_words TEXT NOT NULL
);

CREATE VIRTUAL TABLE document_words USING fts5 (
    title_words, body_words, content = 'document_texts', content_rowid = 'number', prefix = '2 3'
);

CREATE TRIGGER document_words_inserted AFTER INSERT ON document_texts BEGIN
    INSERT INTO document_words (rowid, title_words, body_words) VALUES (new.number, new.title_words, new.body_words);
END;
CREATE TRIGGER document_words_deleted AFTER DELETE ON document_texts BEGIN
    INSERT INTO document_words (document_words, rowid, title_words, body_words)
    VALUES ('delete', old.number, old.title_words, old.body_words);
END;
CREATE TRIGGER document_words_updated AFTER UPDATE ON document_texts BEGIN
    INSERT INTO document_words (document_words, rowid, title_words, body_words)
    VALUES ('delete', old.number, old.title_words, old.body_words);
    INSERT INTO document_words (rowid, title_words, body_words) VALUES (new.number, new.title_words, new.body_words);
END;
