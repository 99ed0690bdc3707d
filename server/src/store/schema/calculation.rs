//! What people had calculated.

diesel::table! {
    calculations (id) {
        id -> Text,
        document_id -> Text,
        revision -> BigInt,
        user_id -> Text,
        kind -> Text,
        parameters -> Text,
        state -> Text,
        progress -> BigInt,
        result -> Nullable<Text>,
        file -> Nullable<Binary>,
        error -> Nullable<Text>,
        created_at_ms -> BigInt,
        started_at_ms -> Nullable<BigInt>,
        finished_at_ms -> Nullable<BigInt>,
        node -> Text,
        beats -> BigInt,
        attempts -> BigInt,
    }
}
