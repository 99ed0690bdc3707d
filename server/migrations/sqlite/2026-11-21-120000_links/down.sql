DROP TABLE link_changes;
DROP TABLE links;
