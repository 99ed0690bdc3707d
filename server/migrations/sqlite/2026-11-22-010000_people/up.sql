-- Whoever can be signed in. A guest came by a share link and has neither e-mail nor password.
CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT,
    is_guest BOOLEAN NOT NULL,
    is_operator BOOLEAN NOT NULL,
    created_at_ms BIGINT NOT NULL,
    disabled_at_ms BIGINT
);

-- One browser that somebody signed in with. Of what lets it stay signed in, only the hash is kept.
CREATE TABLE sign_ins (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    refresh_hash TEXT NOT NULL UNIQUE,
    previous_hash TEXT,
    agent TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    refreshed_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT
);

CREATE INDEX sign_ins_by_user ON sign_ins (user_id);
CREATE INDEX sign_ins_by_previous_hash ON sign_ins (previous_hash);

-- What opens one socket, once.
CREATE TABLE tickets (
    hash TEXT NOT NULL PRIMARY KEY,
    sign_in_id TEXT NOT NULL REFERENCES sign_ins (id),
    expires_at_ms BIGINT NOT NULL
);

CREATE INDEX tickets_by_expiry ON tickets (expires_at_ms);

CREATE TABLE invitations (
    id TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    email TEXT,
    role TEXT NOT NULL,
    invited_by TEXT NOT NULL REFERENCES users (id),
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    accepted_at_ms BIGINT,
    accepted_by TEXT REFERENCES users (id)
);

CREATE INDEX invitations_by_workspace ON invitations (workspace_id, created_at_ms);

CREATE TABLE workspace_members (
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    role TEXT NOT NULL,
    joined_at_ms BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, user_id)
);

CREATE INDEX workspace_members_by_user ON workspace_members (user_id);

CREATE TABLE share_links (
    id TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    document_id TEXT NOT NULL REFERENCES documents (id),
    role TEXT NOT NULL,
    created_by TEXT NOT NULL REFERENCES users (id),
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    revoked_at_ms BIGINT
);

CREATE INDEX share_links_by_document ON share_links (document_id, created_at_ms);

-- Rights on one document beside those of its workspace. Those that came by a share link name it and end with it; for the
-- others it is empty.
CREATE TABLE document_members (
    document_id TEXT NOT NULL REFERENCES documents (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    share_link_id TEXT NOT NULL,
    role TEXT NOT NULL,
    granted_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT,
    PRIMARY KEY (document_id, user_id, share_link_id)
);

CREATE INDEX document_members_by_user ON document_members (user_id);
CREATE INDEX document_members_by_share_link ON document_members (share_link_id);

-- Its one row counts the changes of who may do what, so that every server notices them.
CREATE TABLE rights_changes (
    id BIGINT NOT NULL PRIMARY KEY,
    count BIGINT NOT NULL
);

INSERT INTO rights_changes (id, count) VALUES (1, 0);
