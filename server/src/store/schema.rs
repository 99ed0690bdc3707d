//! The tables, as the migrations make them.

diesel::table! {
    workspaces (id) {
        id -> Text,
        name -> Text,
    }
}

diesel::table! {
    documents (id) {
        id -> Text,
        workspace_id -> Text,
        title -> Text,
        revision -> BigInt,
        edited_at_ms -> BigInt,
    }
}

diesel::table! {
    operations (document_id, revision) {
        document_id -> Text,
        revision -> BigInt,
        client_id -> Text,
        sequence -> BigInt,
        op -> Text,
        committed_at_ms -> BigInt,
    }
}

diesel::table! {
    snapshots (document_id, revision) {
        document_id -> Text,
        revision -> BigInt,
        body -> Text,
    }
}

diesel::table! {
    links (document_id, source_id) {
        document_id -> Text,
        source_id -> Text,
    }
}

diesel::table! {
    link_changes (id) {
        id -> BigInt,
        count -> BigInt,
    }
}

diesel::joinable!(documents -> workspaces (workspace_id));
diesel::allow_tables_to_appear_in_same_query!(documents, workspaces);
