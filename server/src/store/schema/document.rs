//! Workspaces, their documents, and what the search knows of them.

diesel::table! {
    workspaces (id) {
        id -> Text,
        name -> Text,
        created_at_ms -> BigInt,
    }
}

diesel::table! {
    documents (id) {
        id -> Text,
        workspace_id -> Text,
        title -> Text,
        revision -> BigInt,
        edited_at_ms -> BigInt,
        kind -> Text,
        template -> Nullable<Text>,
        created_by -> Nullable<Text>,
        created_at_ms -> BigInt,
        archived_at_ms -> Nullable<BigInt>,
        parent_id -> Nullable<Text>,
        fork_revision -> Nullable<BigInt>,
        title_key -> Text,
        indexed_revision -> Nullable<BigInt>,
    }
}

diesel::table! {
    document_texts (document_id) {
        document_id -> Text,
        body -> Text,
        title_words -> Text,
        body_words -> Text,
        place -> Text,
    }
}
