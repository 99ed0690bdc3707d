DROP TABLE document_texts;
DROP INDEX documents_to_index;
DROP INDEX branches;
DROP INDEX archived_documents_by_title;
DROP INDEX archived_documents_by_created;
DROP INDEX archived_documents_by_edited;
DROP INDEX documents_by_title;
DROP INDEX documents_by_created;
DROP INDEX documents_by_edited;
ALTER TABLE operations DROP COLUMN author_id;
ALTER TABLE documents
    DROP COLUMN indexed_revision,
    DROP COLUMN title_key,
    DROP COLUMN fork_revision,
    DROP COLUMN parent_id,
    DROP COLUMN archived_at_ms,
    DROP COLUMN created_at_ms,
    DROP COLUMN created_by,
    DROP COLUMN template,
    DROP COLUMN kind;
ALTER TABLE workspaces DROP COLUMN created_at_ms;
ALTER TABLE workspaces ADD CONSTRAINT workspaces_name_key UNIQUE (name);
