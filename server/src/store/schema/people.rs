//! People, how they are signed in, and what they may do.

diesel::table! {
    users (id) {
        id -> Text,
        email -> Nullable<Text>,
        name -> Text,
        password_hash -> Nullable<Text>,
        is_guest -> Bool,
        is_operator -> Bool,
        created_at_ms -> BigInt,
        disabled_at_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    sign_ins (id) {
        id -> Text,
        user_id -> Text,
        refresh_hash -> Text,
        previous_hash -> Nullable<Text>,
        agent -> Text,
        created_at_ms -> BigInt,
        refreshed_at_ms -> BigInt,
        expires_at_ms -> BigInt,
        ended_at_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    tickets (hash) {
        hash -> Text,
        sign_in_id -> Text,
        expires_at_ms -> BigInt,
    }
}

diesel::table! {
    invitations (id) {
        id -> Text,
        token_hash -> Text,
        workspace_id -> Text,
        email -> Nullable<Text>,
        role -> Text,
        invited_by -> Text,
        created_at_ms -> BigInt,
        expires_at_ms -> BigInt,
        accepted_at_ms -> Nullable<BigInt>,
        accepted_by -> Nullable<Text>,
    }
}

diesel::table! {
    workspace_members (workspace_id, user_id) {
        workspace_id -> Text,
        user_id -> Text,
        role -> Text,
        joined_at_ms -> BigInt,
    }
}

diesel::table! {
    share_links (id) {
        id -> Text,
        token_hash -> Text,
        document_id -> Text,
        role -> Text,
        created_by -> Text,
        created_at_ms -> BigInt,
        expires_at_ms -> BigInt,
        revoked_at_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    document_members (document_id, user_id, share_link_id) {
        document_id -> Text,
        user_id -> Text,
        share_link_id -> Text,
        role -> Text,
        granted_at_ms -> BigInt,
        expires_at_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    rights_changes (id) {
        id -> BigInt,
        count -> BigInt,
    }
}

diesel::joinable!(sign_ins -> users (user_id));
diesel::joinable!(tickets -> sign_ins (sign_in_id));
diesel::joinable!(workspace_members -> users (user_id));
diesel::joinable!(document_members -> users (user_id));
diesel::joinable!(invitations -> users (invited_by));
diesel::joinable!(share_links -> users (created_by));
