//! What a node makes of what it hears, without a Redis.

use super::message::{Member, Said, Subject};
use super::state::State;
use crate::models::{NodeId, RoomId, Status, Timestamp, UserId};
use crate::presence::Transition;
use crate::presence::people::Event;
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

const ME: NodeId = NodeId(Uuid::from_u128(1));
const OTHER: NodeId = NodeId(Uuid::from_u128(2));
const THIRD: NodeId = NodeId(Uuid::from_u128(3));
const ADA: UserId = UserId(Uuid::from_u128(10));
const BO: UserId = UserId(Uuid::from_u128(11));
const KITCHEN: RoomId = RoomId(Uuid::from_u128(20));
const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn seeing() -> State {
    let mut state = State::new(ME, Duration::from_secs(5), 0, true);
    see(&mut state);
    all_read(&mut state);
    state
}

/// Redis is there, and the others have said what they hold.
fn see(state: &mut State) {
    state.settle(state.losses());
    assert!(state.regain_sight(false));
}

/// What was at hand has been read again.
fn all_read(state: &mut State) {
    let (_, _, number) = state.at_hand();
    state.all_read(number);
}

fn said(version: u64, by: NodeId, subject: Subject, state: char, nodes: &[NodeId]) -> Said {
    let members = nodes.iter().map(|node| Member { node: *node, state });
    Said {
        version,
        by,
        at: NOW,
        subject,
        members: members.collect(),
    }
}

fn online(version: u64, by: NodeId, nodes: &[NodeId]) -> Said {
    said(version, by, Subject::User(ADA), Member::ONLINE, nodes)
}

fn here(version: u64, by: NodeId, nodes: &[NodeId]) -> Said {
    said(
        version,
        by,
        Subject::Stay(KITCHEN, ADA),
        Member::HERE,
        nodes,
    )
}

fn told(state: &mut State) -> Vec<Status> {
    let news = state.take_news(NOW).into_iter();
    news.filter_map(|transition| match transition {
        Transition::Status(presence) => Some(presence.status),
        _ => None,
    })
    .collect()
}

fn connect(state: &mut State, user: UserId, connection: u64) {
    state.apply(Event::Connected { user, connection }, NOW);
}

/// Answers the rooms that are to be read.
fn enter_kitchen(state: &mut State, connection: u64) -> Vec<RoomId> {
    let room = KITCHEN;
    state.apply(Event::Entered { room, connection }, NOW)
}

#[test]
fn somebody_is_online_while_any_node_holds_them() {
    let mut state = seeing();
    state.hear(&online(1, OTHER, &[OTHER]));
    state.hear(&online(2, THIRD, &[OTHER, THIRD]));
    assert_eq!(told(&mut state), [Status::Online]);
    state.hear(&online(3, OTHER, &[THIRD]));
    assert_eq!(told(&mut state), []);
    state.hear(&online(4, THIRD, &[]));
    assert_eq!(told(&mut state), [Status::Offline]);
}

#[test]
fn an_older_word_changes_nothing() {
    let mut state = seeing();
    state.hear(&online(5, OTHER, &[OTHER]));
    told(&mut state);
    state.hear(&online(4, OTHER, &[]));
    assert_eq!(told(&mut state), []);
}

#[test]
fn whoever_is_connected_here_is_online_whatever_others_say() {
    let mut state = seeing();
    state.apply(
        Event::Connected {
            user: ADA,
            connection: 1,
        },
        NOW,
    );
    told(&mut state);
    state.hear(&online(9, OTHER, &[]));
    assert_eq!(told(&mut state), []);
    assert_eq!(state.status(ADA, NOW).status, Status::Online);
}

#[test]
fn whoever_was_answered_to_be_online_is_told_to_be_unknown_though_the_news_was_not_taken() {
    let mut state = seeing();
    state.hear(&online(1, OTHER, &[OTHER]));
    assert_eq!(state.status(ADA, NOW).status, Status::Online);
    state.lose_sight(1, NOW);
    assert_eq!(told(&mut state), [Status::Unknown]);
    state.hear(&online(2, OTHER, &[OTHER]));
    assert_eq!(told(&mut state), [Status::Online]);
}

#[test]
fn without_redis_nobody_has_gone_and_all_others_are_unknown() {
    let mut state = seeing();
    let connected = Event::Connected {
        user: BO,
        connection: 1,
    };
    state.apply(connected, NOW);
    state.hear(&online(1, OTHER, &[OTHER]));
    told(&mut state);
    state.lose_sight(1, NOW);
    assert_eq!(told(&mut state), [Status::Unknown]);
    assert_eq!(state.status(ADA, NOW).status, Status::Unknown);
    assert_eq!(state.status(BO, NOW).status, Status::Online);

    // Redis is back, with nothing in it: others say again what they hold, one after the other.
    state.hear(&online(2, THIRD, &[THIRD]));
    assert_eq!(told(&mut state), [Status::Online]);
    state.hear(&online(3, THIRD, &[]));
    assert_eq!(told(&mut state), [], "the first node has not spoken yet");
    see(&mut state);
    state.learn_user(&online(4, ME, &[OTHER]));
    all_read(&mut state);
    assert_eq!(told(&mut state), []);
    assert_eq!(state.status(ADA, NOW).status, Status::Online);
}

#[test]
fn who_went_while_redis_was_away_is_told_in_the_end() {
    let mut state = seeing();
    state.hear(&online(1, OTHER, &[OTHER]));
    told(&mut state);
    state.lose_sight(1, NOW);
    told(&mut state);
    see(&mut state);
    state.learn_user(&online(2, ME, &[]));
    all_read(&mut state);
    assert_eq!(told(&mut state), [Status::Offline]);
}

#[test]
fn who_was_asked_about_is_no_news_and_what_comes_later_is() {
    let mut state = seeing();
    assert_eq!(state.strangers(&[ADA]), [ADA]);
    state.learn_user(&online(1, ME, &[OTHER]));
    assert_eq!(told(&mut state), []);
    assert_eq!(state.status(ADA, NOW).status, Status::Online);
    state.hear(&online(2, OTHER, &[]));
    assert_eq!(told(&mut state), [Status::Offline]);
}

#[test]
fn a_room_is_known_once_it_was_read_and_forgotten_with_its_last_follower_here() {
    let mut state = seeing();
    state.hear(&here(1, OTHER, &[OTHER]));
    assert!(!state.is_here(KITCHEN, ADA), "nobody here follows it");
    let connected = Event::Connected {
        user: BO,
        connection: 1,
    };
    state.apply(connected, NOW);
    let entered = Event::Entered {
        room: KITCHEN,
        connection: 1,
    };
    assert_eq!(state.apply(entered, NOW), [KITCHEN], "it is to be read");
    state.take_news(NOW);
    state.learn_room(KITCHEN, 2, &[here(2, ME, &[OTHER])], NOW);
    assert!(state.is_here(KITCHEN, ADA));
    assert!(state.take_news(NOW).is_empty(), "the first look is no news");
    state.hear(&here(3, OTHER, &[]));
    let left = Transition::Left {
        room: KITCHEN,
        user: ADA,
        at: NOW,
    };
    assert!(state.take_news(NOW).contains(&left));
    state.learn_room(KITCHEN, 4, &[here(4, ME, &[THIRD])], NOW);
    assert!(state.is_here(KITCHEN, ADA), "a lost word is made good");
    let gone = Event::Left {
        room: KITCHEN,
        connection: 1,
    };
    state.apply(gone, NOW);
    assert!(!state.is_here(KITCHEN, ADA));
    assert!(!state.knows_room(KITCHEN));
}

#[test]
fn redis_is_told_what_is_held_and_again_when_it_failed() {
    let mut state = seeing();
    let connected = Event::Connected {
        user: ADA,
        connection: 1,
    };
    state.apply(connected, NOW);
    let entered = Event::Entered {
        room: KITCHEN,
        connection: 1,
    };
    state.apply(entered, NOW);
    let holdings = state.own.take_unsaid(10, true);
    let states: Vec<_> = holdings.iter().map(|holding| holding.state).collect();
    assert_eq!(states, [Some(Member::ONLINE), Some(Member::HERE)]);
    assert!(state.own.take_unsaid(10, true).is_empty());
    state.own.unsay(&holdings);
    assert_eq!(state.own.take_unsaid(10, true).len(), 2);
    assert!(!state.own.holds_nobody());

    state.apply(Event::Disconnected { connection: 1 }, NOW);
    let after = Timestamp(NOW.0 + 5_000);
    state.apply(Event::Tick, after);
    let holdings = state.own.take_unsaid(10, true);
    assert!(holdings.iter().all(|holding| holding.state.is_none()));
    assert!(!state.own.holds_nobody(), "Redis has not answered yet");
    assert!(state.own.take_unsaid(10, true).is_empty());
    assert!(state.own.holds_nobody());
}

#[test]
fn what_a_node_that_is_cut_off_held_is_kept_until_it_is_buried() {
    let mut state = seeing();
    state.hear(&online(1, OTHER, &[OTHER]));
    told(&mut state);
    assert_eq!(state.other_holders(), BTreeSet::from([OTHER]));
    state.set_cut_off(BTreeSet::from([OTHER]));
    state.learn_user(&online(2, ME, &[]));
    state.hear(&online(3, THIRD, &[THIRD]));
    state.hear(&online(4, THIRD, &[]));
    assert_eq!(told(&mut state), [], "missing is not gone");
    assert_eq!(state.status(ADA, NOW).status, Status::Online);
    // Whoever buries it says so, and this node hears before it knows that the other is dead.
    state.hear(&online(5, OTHER, &[]));
    assert_eq!(told(&mut state), [Status::Unknown]);
    assert!(state.set_cut_off(BTreeSet::new()));
    state.learn_user(&online(6, ME, &[]));
    assert_eq!(told(&mut state), [], "others may not have been read yet");
    all_read(&mut state);
    assert_eq!(told(&mut state), [Status::Offline]);
}

#[test]
fn a_room_keeps_those_of_a_node_that_is_cut_off() {
    let mut state = seeing();
    state.apply(
        Event::Connected {
            user: BO,
            connection: 1,
        },
        NOW,
    );
    state.apply(
        Event::Entered {
            room: KITCHEN,
            connection: 1,
        },
        NOW,
    );
    state.learn_room(KITCHEN, 1, &[here(1, ME, &[OTHER])], NOW);
    state.set_cut_off(BTreeSet::from([OTHER]));
    state.learn_room(KITCHEN, 2, &[], NOW);
    assert!(state.is_here(KITCHEN, ADA));
    assert!(
        state.set_cut_off(BTreeSet::new()),
        "it is dead, or back: what is at hand is read again"
    );
    state.learn_room(KITCHEN, 3, &[], NOW);
    assert!(!state.is_here(KITCHEN, ADA));
}

#[test]
fn who_may_be_on_a_node_that_is_cut_off_is_unknown_and_told_later() {
    let mut state = seeing();
    state.learn_user(&online(1, ME, &[]));
    assert_eq!(state.status(ADA, NOW).status, Status::Offline);
    state.set_cut_off(BTreeSet::from([OTHER]));
    assert_eq!(state.status(ADA, NOW).status, Status::Unknown);
    all_read(&mut state);
    assert_eq!(told(&mut state), [], "nothing more is known yet");
    state.set_cut_off(BTreeSet::new());
    state.learn_user(&online(2, ME, &[]));
    all_read(&mut state);
    assert_eq!(told(&mut state), [Status::Offline]);
}

#[test]
fn another_loss_makes_what_settled_before_it_worthless() {
    let mut state = seeing();
    state.lose_sight(1, NOW);
    state.lose_sight(2, NOW);
    state.settle(1);
    assert!(!state.regain_sight(false));
    assert!(state.is_blind());
}

#[test]
fn a_redis_that_was_lost_is_told_everything_before_this_node_is_in_it() {
    let mut state = seeing();
    let connected = Event::Connected {
        user: ADA,
        connection: 1,
    };
    state.apply(connected, NOW);
    state.own.take_unsaid(10, true);
    state.lose_sight(1, NOW);
    assert!(state.own.is_starting_over());
    assert_eq!(state.own.take_unsaid(10, true).len(), 1);
    assert!(state.own.take_unsaid(10, true).is_empty());
    assert!(!state.own.is_starting_over());
}

#[test]
fn who_was_answered_as_unknown_and_then_comes_here_is_told_once() {
    let mut state = seeing();
    state.lose_sight(1, NOW);
    assert_eq!(state.status(ADA, NOW).status, Status::Unknown);
    connect(&mut state, ADA, 1);
    assert_eq!(told(&mut state), [Status::Online]);
    see(&mut state);
    state.hear(&online(1, ME, &[ME]));
    all_read(&mut state);
    assert_eq!(told(&mut state), []);
}

#[test]
fn what_is_answered_while_redis_is_away_is_what_was_told() {
    let mut state = seeing();
    state.hear(&online(1, OTHER, &[OTHER]));
    told(&mut state);
    state.lose_sight(1, NOW);
    state.hear(&online(2, OTHER, &[OTHER]));
    assert_eq!(told(&mut state), [], "she was online all the time");
    assert_eq!(state.status(ADA, NOW).status, Status::Online);
    state.lose_sight(2, NOW);
    assert_eq!(told(&mut state), [Status::Unknown]);
    state.hear(&online(3, OTHER, &[OTHER]));
    assert_eq!(told(&mut state), [Status::Online]);
    assert_eq!(state.status(ADA, NOW).status, Status::Online);
}

#[test]
fn a_node_that_starts_believes_redis_once_all_nodes_are_in_it() {
    let mut state = State::new(ME, Duration::from_secs(5), 0, true);
    state.learn_user(&online(1, ME, &[]));
    assert_eq!(state.status(ADA, NOW).status, Status::Unknown);
    assert!(!state.regain_sight(false), "one may have been forgotten");
    assert_eq!(state.status(ADA, NOW).status, Status::Unknown);
    assert!(state.regain_sight(true));
    state.learn_user(&online(2, ME, &[]));
    all_read(&mut state);
    assert_eq!(state.status(ADA, NOW).status, Status::Offline);
    assert_eq!(told(&mut state), [Status::Offline], "it was answered");
}

#[test]
fn what_has_begun_to_be_believed_is_not_doubted_again() {
    let mut state = State::new(ME, Duration::from_secs(5), 0, true);
    assert!(state.regain_sight(true));
    all_read(&mut state);
    // The time that the others were given has passed only now.
    state.settle(0);
    assert!(!state.regain_sight(true), "there is nothing to read again");
}

#[test]
fn the_last_follower_here_leaves_and_nobody_else() {
    let mut state = seeing();
    connect(&mut state, BO, 1);
    enter_kitchen(&mut state, 1);
    state.learn_room(KITCHEN, 1, &[here(1, ME, &[OTHER])], NOW);
    state.take_news(NOW);
    let (room, connection) = (KITCHEN, 1);
    state.apply(Event::Left { room, connection }, NOW);
    let left = Transition::Left {
        room,
        user: BO,
        at: NOW,
    };
    assert_eq!(state.take_news(NOW), [left]);
}

#[test]
fn what_is_heard_of_a_room_before_it_was_read_is_not_taken_back_by_the_reading() {
    let mut state = seeing();
    connect(&mut state, BO, 1);
    assert_eq!(enter_kitchen(&mut state, 1), [KITCHEN]);
    state.hear(&here(3, OTHER, &[OTHER]));
    state.learn_room(KITCHEN, 2, &[], NOW);
    assert!(state.is_here(KITCHEN, ADA), "she came after it was read");
    state.hear(&here(5, OTHER, &[]));
    state.learn_room(KITCHEN, 4, &[here(4, ME, &[OTHER])], NOW);
    assert!(!state.is_here(KITCHEN, ADA), "she left after it was read");
}

#[test]
fn who_is_found_at_the_first_look_is_told_unless_it_was_answered() {
    let ada_came = Transition::Joined {
        room: KITCHEN,
        user: ADA,
        at: NOW,
    };
    // Redis was away when they came: they were told of nobody elsewhere.
    let mut state = seeing();
    state.lose_sight(1, NOW);
    connect(&mut state, BO, 1);
    enter_kitchen(&mut state, 1);
    state.take_news(NOW);
    state.learn_room(KITCHEN, 1, &[here(1, ME, &[OTHER])], NOW);
    assert!(state.take_news(NOW).contains(&ada_came));
    // Heard after they came and before the first look, and not told yet.
    let mut state = seeing();
    connect(&mut state, BO, 1);
    enter_kitchen(&mut state, 1);
    state.hear(&here(1, OTHER, &[OTHER]));
    state.learn_room(KITCHEN, 2, &[here(2, ME, &[OTHER])], NOW);
    assert!(state.take_news(NOW).contains(&ada_came));
}

#[test]
fn who_cannot_be_reached_for_a_moment_is_back_in_their_room_with_the_next_look() {
    let mut state = seeing();
    connect(&mut state, BO, 1);
    enter_kitchen(&mut state, 1);
    state.hear(&online(1, OTHER, &[OTHER]));
    state.learn_room(KITCHEN, 2, &[here(2, ME, &[OTHER])], NOW);
    state.hear(&online(3, OTHER, &[]));
    assert!(!state.is_here(KITCHEN, ADA));
    state.hear(&online(4, OTHER, &[OTHER]));
    state.learn_room(KITCHEN, 5, &[here(5, ME, &[OTHER])], NOW);
    assert!(state.is_here(KITCHEN, ADA));
}

#[test]
fn a_node_that_hears_itself_missing_tells_redis_again() {
    let mut state = seeing();
    connect(&mut state, ADA, 1);
    enter_kitchen(&mut state, 1);
    state.own.take_unsaid(10, true);
    state.hear(&online(1, ME, &[]));
    state.hear(&here(2, ME, &[]));
    let subjects = [Subject::User(ADA), Subject::Stay(KITCHEN, ADA)];
    let again = state.own.take_unsaid(10, true).into_iter();
    assert!(again.map(|holding| holding.subject).eq(subjects));
    // What is read may be older than what was told since.
    state.learn_user(&online(3, ME, &[]));
    assert!(!state.own.has_unsaid());
}

#[test]
fn a_node_that_is_held_to_somebody_who_left_takes_them_back() {
    let mut state = seeing();
    state.learn_user(&online(1, OTHER, &[ME, OTHER]));
    let again = state.own.take_unsaid(10, true);
    assert_eq!(again.len(), 1);
    assert_eq!(
        (again[0].subject, again[0].state),
        (Subject::User(ADA), None)
    );
}

#[test]
fn who_went_is_not_said_to_have_while_they_may_be_where_redis_is_not() {
    let mut state = seeing();
    for (user, connection) in [(ADA, 1), (BO, 2)] {
        connect(&mut state, user, connection);
        enter_kitchen(&mut state, connection);
    }
    state.own.take_unsaid(10, true);
    state.apply(Event::Disconnected { connection: 1 }, NOW);
    let (room, connection) = (KITCHEN, 2);
    state.apply(Event::Left { room, connection }, NOW);
    state.apply(Event::Tick, Timestamp(NOW.0 + 5_000));
    let said = state.own.take_unsaid(10, false);
    let subjects: Vec<_> = said.iter().map(|holding| holding.subject).collect();
    assert_eq!(
        subjects,
        [Subject::Stay(KITCHEN, BO)],
        "who left a room has"
    );
    assert!(state.own.take_unsaid(10, false).is_empty());
    assert!(
        !state.own.holds_nobody(),
        "she has not been said to have gone"
    );
    assert_eq!(state.own.take_unsaid(10, true).len(), 2);
}

#[test]
fn who_went_from_here_is_shown_as_they_were_until_redis_knows() {
    let mut state = seeing();
    for (user, connection) in [(ADA, 1), (BO, 2)] {
        connect(&mut state, user, connection);
        enter_kitchen(&mut state, connection);
    }
    state.learn_user(&online(1, ME, &[]));
    let coming = state.own.take_unsaid(10, true);
    state.take_news(NOW);
    state.apply(Event::Disconnected { connection: 1 }, NOW);
    state.apply(Event::Tick, Timestamp(NOW.0 + 5_000));
    // That they came is told only now.
    state.note_told(&coming);
    assert_eq!(state.take_news(NOW), []);
    assert_eq!(state.status(ADA, NOW).status, Status::Online);
    assert!(state.is_here(KITCHEN, ADA));

    let said = state.own.take_unsaid(10, true);
    state.note_told(&said);
    assert_eq!(told(&mut state), [Status::Offline]);
    assert!(!state.is_here(KITCHEN, ADA));
}

#[test]
fn who_went_from_here_while_redis_is_away_is_unknown_and_has_not_left() {
    let mut state = seeing();
    for (user, connection) in [(ADA, 1), (BO, 2)] {
        connect(&mut state, user, connection);
        enter_kitchen(&mut state, connection);
    }
    state.take_news(NOW);
    state.lose_sight(1, NOW);
    state.apply(Event::Disconnected { connection: 1 }, NOW);
    state.apply(Event::Tick, Timestamp(NOW.0 + 5_000));
    assert_eq!(told(&mut state), [Status::Unknown]);
    assert!(state.is_here(KITCHEN, ADA));
}

#[test]
fn who_was_told_to_have_left_and_is_found_at_the_first_look_is_told_to_be_there() {
    let mut state = seeing();
    connect(&mut state, ADA, 1);
    enter_kitchen(&mut state, 1);
    state.own.take_unsaid(10, true);
    state.apply(Event::Disconnected { connection: 1 }, NOW);
    state.apply(Event::Tick, Timestamp(NOW.0 + 5_000));
    // Bo comes while she is still shown here, and she is elsewhere already.
    connect(&mut state, BO, 2);
    assert_eq!(enter_kitchen(&mut state, 2), [KITCHEN]);
    state.take_news(NOW);
    let parting = state.own.take_unsaid(10, true);
    state.note_told(&parting);
    let (room, user) = (KITCHEN, ADA);
    let is_left = |news: &Transition| matches!(news, Transition::Left { .. });
    assert!(state.take_news(NOW).iter().any(is_left));
    state.learn_room(KITCHEN, 1, &[here(1, ME, &[OTHER])], NOW);
    let back = Transition::Joined {
        room,
        user,
        at: NOW,
    };
    assert!(state.take_news(NOW).contains(&back));
}
