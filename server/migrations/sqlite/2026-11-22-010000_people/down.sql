DROP TABLE rights_changes;
DROP TABLE document_members;
DROP TABLE share_links;
DROP TABLE workspace_members;
DROP TABLE invitations;
DROP TABLE tickets;
DROP TABLE sign_ins;
DROP TABLE users;
