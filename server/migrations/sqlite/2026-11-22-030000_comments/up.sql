-- What people say about a document, in threads: the first comment of a thread has the thread's id for its own, holds
-- what the thread hangs on, and says whether it is settled.
CREATE TABLE comments (
    id TEXT NOT NULL PRIMARY KEY,
    document_id TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    author_id TEXT NOT NULL,
    body TEXT NOT NULL,
    -- As it stands at `anchor_revision`.
    anchor TEXT,
    anchor_revision BIGINT NOT NULL,
    is_anchor_lost BOOLEAN NOT NULL,
    quote TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    edited_at_ms BIGINT,
    deleted_at_ms BIGINT,
    resolved_at_ms BIGINT,
    resolved_by TEXT
);

CREATE INDEX comments_by_document ON comments (document_id, id);
CREATE INDEX comments_by_thread ON comments (thread_id, id);

-- Whom a comment speaks to.
CREATE TABLE mentions (
    comment_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (comment_id, user_id)
);

CREATE TABLE annotations (
    id TEXT NOT NULL PRIMARY KEY,
    document_id TEXT NOT NULL,
    author_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    colour BIGINT NOT NULL,
    body TEXT NOT NULL,
    -- As it stands at `anchor_revision`.
    anchor TEXT NOT NULL,
    anchor_revision BIGINT NOT NULL,
    is_anchor_lost BOOLEAN NOT NULL,
    quote TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    edited_at_ms BIGINT
);

CREATE INDEX annotations_by_document ON annotations (document_id, id);

-- What somebody is told wherever they are.
CREATE TABLE notifications (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    document_id TEXT,
    comment_id TEXT,
    actor_id TEXT,
    created_at_ms BIGINT NOT NULL,
    read_at_ms BIGINT
);

CREATE INDEX notifications_by_user ON notifications (user_id, id);
CREATE INDEX notifications_by_comment ON notifications (comment_id);
