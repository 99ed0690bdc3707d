//! What was done in a workspace.

diesel::table! {
    events (workspace_id, number) {
        workspace_id -> Text,
        number -> BigInt,
        at_ms -> BigInt,
        actor_id -> Nullable<Text>,
        action -> Text,
        document_id -> Nullable<Text>,
        detail -> Text,
        hash -> Text,
    }
}

diesel::table! {
    event_heads (workspace_id) {
        workspace_id -> Text,
        count -> BigInt,
        hash -> Text,
    }
}
