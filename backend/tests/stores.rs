//! Both stores keep one promise: every scenario of `conformance` is examined on each of them, and
//! whatever happened in it, what is stored afterwards is sound.

#![expect(
    clippy::unwrap_used,
    reason = "what is not expected ends the scenario, which is what it is for"
)]

mod conformance;
#[path = "support/postgres.rs"]
mod postgres_cluster;

/// Lists the scenarios once and makes a test of each for every store.
macro_rules! scenarios {
    ($($feature:ident { $($scenario:ident)* })*) => {
        scenarios!(@on sqlite $($feature { $($scenario)* })*);
        scenarios!(@on postgres $($feature { $($scenario)* })*);
    };
    (@on $store:ident $($feature:ident { $($scenario:ident)* })*) => {
        mod $store {
            use crate::conformance::{self, Bed, keeper::Keeper};
            use std::sync::Arc;

            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $scenario() {
                    let keeper = Arc::new(Keeper::$store().await);
                    let bed = Bed::make(Arc::clone(&keeper)).await;
                    conformance::$feature::$scenario(bed).await;
                    keeper.expect_sound().await;
                }
            )*)*
        }
    };
}

scenarios! {
    whole {
        a_store_opened_again_has_everything_and_the_same_epoch
        how_busy_a_store_is_can_be_seen
        how_large_a_store_is_can_be_asked
        a_closed_store_says_that_it_is_unavailable
    }
    accounts {
        the_first_account_is_the_owners_and_all_others_are_members
        of_many_first_accounts_at_once_one_is_the_owners
        a_username_and_an_address_are_taken_once
        an_account_is_found_by_username_by_address_and_by_id
        those_who_exist_are_found_together
        people_are_listed_by_the_beginning_of_either_name
        only_who_can_log_in_is_listed_and_only_those_asked_for
        who_hides_when_they_were_last_seen_shows_it_to_nobody_but_themselves
        somebody_changes_what_they_say_about_themselves
        when_somebody_was_last_seen_never_moves_back
    }
    belongings {
        what_belongs_to_somebody_is_their_rooms_and_their_logins
        every_coming_and_going_moves_the_counter
        people_are_added_to_many_rooms_at_once_from_both_ends
        a_node_lives_as_long_as_it_said
    }
    sessions {
        a_token_is_good_until_its_end
        tokens_asked_for_together_are_answered_in_that_order
        a_token_that_is_not_used_stops_being_good
        ones_logins_are_listed_newest_first
        one_ends_a_login_of_ones_own_only
        a_new_password_ends_all_other_logins
        upkeep_forgets_logins_past_their_end
    }
    operators {
        an_act_is_written_down_with_who_did_it_to_whom
        what_is_refused_or_changes_nothing_is_not_written_down
        who_is_deactivated_has_no_logins_and_may_come_back
        owners_who_depose_each_other_at_once_leave_one
        logins_are_ended_one_by_one_or_all
        people_are_listed_by_name_role_and_state
        all_rooms_are_listed_by_what_they_cost_hold_or_do
        acts_are_read_newest_first_page_by_page
    }
    rooms {
        a_new_room_has_its_maker_as_owner_and_an_empty_log
        a_room_is_seen_with_ones_own_membership_and_the_last_message
        what_one_may_do_is_found_for_members_and_strangers
        a_direct_room_is_found_by_exactly_its_people
        many_callers_at_once_get_the_same_direct_room
        one_lists_public_rooms_and_ones_own
        pages_of_rooms_hold_each_room_once
        renaming_is_told_and_renaming_to_the_same_is_not
        a_room_is_archived_once
    }
    members {
        people_are_added_in_order_and_each_once
        adding_is_denied_as_a_whole
        somebody_leaves_and_comes_back
        removing_is_denied_where_there_is_no_room_or_it_is_archived
        the_oldest_admin_else_the_oldest_member_succeeds_the_last_owner
        one_of_two_owners_leaves_without_a_successor
        a_role_is_given_and_told
        a_role_is_denied_to_strangers_and_the_last_owner_keeps_theirs
        owners_who_step_down_at_once_leave_one
        members_are_listed_by_username_page_by_page
        one_chooses_what_to_be_told
        acquaintances_share_a_room_that_is_not_too_large
    }
    messages {
        a_message_gets_its_place_and_is_kept_as_written
        a_batch_is_stored_in_order_and_what_is_refused_spoils_nothing
        an_author_repeats_a_client_id_and_nothing_is_stored_twice
        a_client_id_is_remembered_for_a_week_across_months
        many_repeats_at_once_store_one_message
        a_reply_shows_the_beginning_of_what_it_answers_as_it_now_is
        members_called_by_name_are_mentioned
        of_a_batch_each_message_has_what_is_its_own
        an_author_edits_and_everybody_is_told
        editing_is_denied_to_all_but_the_author_of_a_message_that_is_there
        what_is_deleted_is_gone_but_for_its_place
        deleting_others_messages_needs_the_right_to_delete_any
        a_hundred_clients_write_and_every_one_keeps_its_order
        entries_of_every_kind_share_the_numbers
        ids_ascend_when_the_clock_goes_back
    }
    edits {
        an_edit_that_expects_another_text_than_there_is_changes_nothing
        of_edits_that_cross_one_is_stored
        edits_of_one_moment_are_told_apart
    }
    reactions {
        reactions_are_shown_oldest_first_and_each_once
        of_many_people_the_first_fifty_are_named
        there_is_a_bound_on_different_emoji
        reacting_is_denied_without_room_membership_or_message
    }
    reads {
        others_messages_count_until_they_are_read
        counts_stop_at_a_hundred
        marking_needs_a_membership_and_a_message_of_the_room
    }
    log {
        pages_begin_and_end_where_they_say
        a_page_of_an_empty_room_is_empty
        a_page_needs_a_room_and_an_anchor_in_it
        pages_hold_messages_as_they_now_are
        changes_are_everything_after_a_place_without_a_gap
        a_long_log_is_read_in_parts_and_from_anywhere
        joining_reads_the_room_and_its_log_in_one_moment
        who_joins_together_is_answered_in_that_order
        a_forgotten_part_of_the_log_is_said_to_be_so
        heads_are_told_of_rooms_that_exist
        what_is_read_while_others_write_is_of_one_moment
    }
    model {
        a_long_random_history_is_as_a_naive_model_says
    }
    audit {
        everything_there_is_was_looked_at
        each_flaw_is_found_where_it_was_planted_and_no_other
        what_retention_cuts_away_is_no_flaw
        nothing_looks_wrong_while_others_write
        a_database_of_another_version_is_not_looked_at
    }
}
