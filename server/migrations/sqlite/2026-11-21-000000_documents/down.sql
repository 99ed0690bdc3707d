DROP TABLE snapshots;
DROP TABLE operations;
DROP TABLE documents;
DROP TABLE workspaces;
