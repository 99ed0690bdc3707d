//! What people say about documents, and what they are told.

diesel::table! {
    comments (id) {
        id -> Text,
        document_id -> Text,
        thread_id -> Text,
        author_id -> Text,
        body -> Text,
        anchor -> Nullable<Text>,
        anchor_revision -> BigInt,
        is_anchor_lost -> Bool,
        quote -> Text,
        created_at_ms -> BigInt,
        edited_at_ms -> Nullable<BigInt>,
        deleted_at_ms -> Nullable<BigInt>,
        resolved_at_ms -> Nullable<BigInt>,
        resolved_by -> Nullable<Text>,
    }
}

diesel::table! {
    mentions (comment_id, user_id) {
        comment_id -> Text,
        user_id -> Text,
    }
}

diesel::table! {
    annotations (id) {
        id -> Text,
        document_id -> Text,
        author_id -> Text,
        kind -> Text,
        colour -> BigInt,
        body -> Text,
        anchor -> Text,
        anchor_revision -> BigInt,
        is_anchor_lost -> Bool,
        quote -> Text,
        created_at_ms -> BigInt,
        edited_at_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    notifications (id) {
        id -> Text,
        user_id -> Text,
        kind -> Text,
        detail -> Text,
        workspace_id -> Text,
        document_id -> Nullable<Text>,
        comment_id -> Nullable<Text>,
        actor_id -> Nullable<Text>,
        created_at_ms -> BigInt,
        read_at_ms -> Nullable<BigInt>,
    }
}
