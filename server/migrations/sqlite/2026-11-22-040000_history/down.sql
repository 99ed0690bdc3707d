DROP TABLE merges;
DROP TABLE versions;
