-- In which workspace a document is, and whether it is archived, is a word as well: so the words of one workspace are
-- found without walking over those of the others.
DROP INDEX document_words;
ALTER TABLE document_texts DROP COLUMN words;
ALTER TABLE document_texts ADD COLUMN place TEXT NOT NULL DEFAULT '';
UPDATE document_texts SET place =
    CASE WHEN archived_at_ms IS NULL THEN 'w' ELSE 'a' END || replace(workspace_id, '-', '')
FROM documents WHERE documents.id = document_texts.document_id;
ALTER TABLE document_texts ADD COLUMN words TSVECTOR NOT NULL GENERATED ALWAYS AS (
    setweight(to_tsvector('simple', title_words), 'A') || setweight(to_tsvector('simple', place), 'B')
    || setweight(to_tsvector('simple', body_words), 'D')
) STORED;
CREATE INDEX document_words ON document_texts USING GIN (words);
