//! What a node makes of what it hears, without a Redis.

use super::message::{Member, Said, Subject};
use super::state::State;
use crate::models::{NodeId, RoomId, Status, Timestamp, UserId};
use crate::presence::Transition;
use crate::presence::people::Event;
use std::collections::HashSet;
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
    let mut state = State::new(ME, Duration::from_secs(5), 0);
    see(&mut state);
    state
}

/// Redis is there, and the others have said what they hold.
fn see(state: &mut State) {
    state.settle(state.losses());
    assert!(state.regain_sight());
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
    state.hear(&online(3, THIRD, &[]));
    assert_eq!(told(&mut state), [], "the first node has not spoken yet");
    see(&mut state);
    state.learn_user(&online(4, ME, &[OTHER]));
    state.tell_unknown(NOW);
    assert_eq!(told(&mut state), [Status::Online]);
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
    state.tell_unknown(NOW);
    assert_eq!(told(&mut state), [Status::Offline]);
}

#[test]
fn who_was_asked_about_is_no_news_and_what_comes_later_is() {
    let mut state = seeing();
    assert_eq!(state.status(ADA, NOW).status, Status::Unknown);
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
    let holdings = state.take_unsaid(10);
    let states: Vec<_> = holdings.iter().map(|holding| holding.state).collect();
    assert_eq!(states, [Some(Member::ONLINE), Some(Member::HERE)]);
    assert!(state.take_unsaid(10).is_empty());
    state.unsay(&holdings);
    assert_eq!(state.take_unsaid(10).len(), 2);
    assert!(!state.holds_nobody());

    state.apply(Event::Disconnected { connection: 1 }, NOW);
    let after = Timestamp(NOW.0 + 5_000);
    state.apply(Event::Tick, after);
    let holdings = state.take_unsaid(10);
    assert!(holdings.iter().all(|holding| holding.state.is_none()));
    assert!(!state.holds_nobody(), "Redis has not answered yet");
    assert!(state.take_unsaid(10).is_empty());
    assert!(state.holds_nobody());
}

#[test]
fn what_a_node_that_is_cut_off_held_is_kept_until_it_is_buried() {
    let mut state = seeing();
    state.hear(&online(1, OTHER, &[OTHER]));
    told(&mut state);
    assert_eq!(state.other_holders(), HashSet::from([OTHER]));
    state.set_cut_off(HashSet::from([OTHER]));
    state.learn_user(&online(2, ME, &[]));
    state.hear(&online(3, THIRD, &[THIRD]));
    state.hear(&online(4, THIRD, &[]));
    assert_eq!(told(&mut state), [], "missing is not gone");
    assert_eq!(state.status(ADA, NOW).status, Status::Online);
    state.hear(&online(5, OTHER, &[]));
    assert_eq!(
        told(&mut state),
        [Status::Offline],
        "whoever buries it says so"
    );
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
    state.set_cut_off(HashSet::from([OTHER]));
    state.learn_room(KITCHEN, 2, &[], NOW);
    assert!(state.is_here(KITCHEN, ADA));
    assert!(
        state.set_cut_off(HashSet::new()),
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
    state.set_cut_off(HashSet::from([OTHER]));
    assert_eq!(state.status(ADA, NOW).status, Status::Unknown);
    state.tell_unknown(NOW);
    assert_eq!(told(&mut state), [], "nothing more is known yet");
    state.set_cut_off(HashSet::new());
    state.learn_user(&online(2, ME, &[]));
    state.tell_unknown(NOW);
    assert_eq!(told(&mut state), [Status::Offline]);
}

#[test]
fn another_loss_makes_what_settled_before_it_worthless() {
    let mut state = seeing();
    state.lose_sight(1, NOW);
    state.lose_sight(2, NOW);
    state.settle(1);
    assert!(!state.regain_sight());
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
    state.take_unsaid(10);
    state.lose_sight(1, NOW);
    assert!(state.is_starting_over());
    assert_eq!(state.take_unsaid(10).len(), 1);
    state.all_said();
    assert!(!state.is_starting_over());
}
