DROP TRIGGER document_words_updated;
DROP TRIGGER document_words_deleted;
DROP TRIGGER document_words_inserted;
DROP TABLE document_titles;
DROP TABLE document_words;
ALTER TABLE document_texts DROP COLUMN place;

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
INSERT INTO document_words (document_words) VALUES ('rebuild');
