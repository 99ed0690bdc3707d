-- Names of workspaces are no keys: two teams may both have a workspace "Valuation".
ALTER TABLE workspaces DROP CONSTRAINT workspaces_name_key;
ALTER TABLE workspaces ADD COLUMN created_at_ms BIGINT NOT NULL DEFAULT 0;

ALTER TABLE documents ADD COLUMN kind TEXT NOT NULL DEFAULT 'model';
ALTER TABLE documents ADD COLUMN template TEXT;
ALTER TABLE documents ADD COLUMN created_by TEXT;
ALTER TABLE documents ADD COLUMN created_at_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN archived_at_ms BIGINT;
-- A branch has a parent, and begins with the parent at this revision.
ALTER TABLE documents ADD COLUMN parent_id TEXT REFERENCES documents (id);
ALTER TABLE documents ADD COLUMN fork_revision BIGINT;
-- The title as lists sort by it: in small letters, and by their code points as everywhere.
ALTER TABLE documents ADD COLUMN title_key TEXT COLLATE "C" NOT NULL DEFAULT '';
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
ALTER TABLE workspaces ALTER COLUMN created_at_ms DROP DEFAULT;

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
    document_id TEXT NOT NULL PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    body TEXT NOT NULL,
    title_words TEXT NOT NULL,
    body_words TEXT NOT NULL,
    words TSVECTOR NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', title_words), 'A') || setweight(to_tsvector('simple', body_words), 'D')
    ) STORED
);

CREATE INDEX document_words ON document_texts USING GIN (words);
