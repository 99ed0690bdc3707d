DROP INDEX document_words;
ALTER TABLE document_texts DROP COLUMN words;
ALTER TABLE document_texts DROP COLUMN place;
ALTER TABLE document_texts ADD COLUMN words TSVECTOR NOT NULL GENERATED ALWAYS AS (
    setweight(to_tsvector('simple', title_words), 'A') || setweight(to_tsvector('simple', body_words), 'D')
) STORED;
CREATE INDEX document_words ON document_texts USING GIN (words);
