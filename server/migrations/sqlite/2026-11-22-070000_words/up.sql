-- In which workspace a document is, and whether it is archived, is a word as well: so the words of one workspace are
-- found without walking over those of the others, and however common they are, the newest documents come first.
DROP TRIGGER document_words_updated;
DROP TRIGGER document_words_deleted;
DROP TRIGGER document_words_inserted;
DROP TABLE document_words;

ALTER TABLE document_texts ADD COLUMN place TEXT NOT NULL DEFAULT '';
UPDATE document_texts SET place = (
    SELECT CASE WHEN archived_at_ms IS NULL THEN 'w' ELSE 'a' END || replace(workspace_id, '-', '')
    FROM documents WHERE documents.id = document_texts.document_id);

CREATE VIRTUAL TABLE document_words USING fts5 (
    place, title_words, body_words, content = 'document_texts', content_rowid = 'number', prefix = '1 2 3 4'
);
-- Titles by themselves: what is typed to filter a list is in few of them, and may be in every body.
CREATE VIRTUAL TABLE document_titles USING fts5 (
    place, title_words, content = 'document_texts', content_rowid = 'number', prefix = '1 2 3 4 5 6'
);

CREATE TRIGGER document_words_inserted AFTER INSERT ON document_texts BEGIN
    INSERT INTO document_words (rowid, place, title_words, body_words)
    VALUES (new.number, new.place, new.title_words, new.body_words);
    INSERT INTO document_titles (rowid, place, title_words) VALUES (new.number, new.place, new.title_words);
END;
CREATE TRIGGER document_words_deleted AFTER DELETE ON document_texts BEGIN
    INSERT INTO document_words (document_words, rowid, place, title_words, body_words)
    VALUES ('delete', old.number, old.place, old.title_words, old.body_words);
    INSERT INTO document_titles (document_titles, rowid, place, title_words)
    VALUES ('delete', old.number, old.place, old.title_words);
END;
CREATE TRIGGER document_words_updated AFTER UPDATE ON document_texts BEGIN
    INSERT INTO document_words (document_words, rowid, place, title_words, body_words)
    VALUES ('delete', old.number, old.place, old.title_words, old.body_words);
    INSERT INTO document_titles (document_titles, rowid, place, title_words)
    VALUES ('delete', old.number, old.place, old.title_words);
    INSERT INTO document_words (rowid, place, title_words, body_words)
    VALUES (new.number, new.place, new.title_words, new.body_words);
    INSERT INTO document_titles (rowid, place, title_words) VALUES (new.number, new.place, new.title_words);
END;

INSERT INTO document_words (document_words) VALUES ('rebuild');
INSERT INTO document_titles (document_titles) VALUES ('rebuild');
