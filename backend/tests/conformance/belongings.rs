//! What belongs to somebody, and the counter that tells whether to look again.

use super::{Bed, new_room, new_session, unknown_user};
use roost::models::{RoomId, RoomKind, UserId};
use roost::store::Belongings;
use std::time::Duration;
use uuid::Uuid;

async fn of(bed: &Bed, user: UserId) -> Belongings {
    let mut found = bed.belongings_of(user, bed.now()).await.unwrap();
    found.rooms.sort_unstable();
    let counted = bed.moves(&[user]).await.unwrap();
    assert_eq!(counted, [(user, found.moves)], "one counter, asked twice");
    found
}

pub(crate) async fn what_belongs_to_somebody_is_their_rooms_and_their_logins(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    assert!(of(&bed, ana).await.rooms.is_empty());
    let mut rooms = vec![bed.room(&[ana]).await, bed.room(&[bo, ana]).await];
    rooms.sort_unstable();
    let second = new_session(bed.now());
    bed.create_session(ana, second.clone()).await.unwrap();

    let found = of(&bed, ana).await;
    assert_eq!(found.rooms, rooms);
    assert_eq!(found.sessions.len(), 2);
    assert!(found.sessions.contains(&second.id));
    let after = bed.belongings_of(ana, second.expires_at).await;
    assert!(
        !after.unwrap().sessions.contains(&second.id),
        "past its end"
    );

    let nobody = unknown_user();
    let asked = [bo, nobody, ana, bo];
    let all = bed.belongings(&asked, bed.now()).await.unwrap();
    let each = [of(&bed, bo).await, of(&bed, ana).await].map(|found| found.sessions);
    let sessions = |found: &Option<Belongings>| Some(found.as_ref()?.sessions.clone());
    let [bos, anas] = each.map(Some);
    assert_eq!(
        all.iter().map(sessions).collect::<Vec<_>>(),
        [bos.clone(), None, anas, bos],
        "asked together, answered in the order asked"
    );
    assert!(bed.moves(&[nobody]).await.unwrap().is_empty());
}

pub(crate) async fn every_coming_and_going_moves_the_counter(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let mut before = [of(&bed, ana).await, of(&bed, bo).await];
    let mut step = async |what: &str, ana_moves: bool, bo_moves: bool| {
        let now = [of(&bed, ana).await, of(&bed, bo).await];
        assert_eq!(now[0].moves > before[0].moves, ana_moves, "ana, {what}");
        assert_eq!(now[1].moves > before[1].moves, bo_moves, "bo, {what}");
        before = now;
    };

    let room = new_room("lobby", RoomKind::Public, bed.now());
    let id = room.id;
    bed.create_room(room, ana).await.unwrap();
    step("a room is made", true, false).await;
    bed.add_members(id, &[bo, ana], bed.now()).await.unwrap();
    step("somebody joins", false, true).await;
    bed.add_members(id, &[bo], bed.now()).await.unwrap();
    step("they had joined already", false, false).await;
    bed.say(id, ana, "hello").await;
    step("something is said", false, false).await;
    bed.remove_member(id, bo, ana, bed.now()).await.unwrap();
    step("somebody is removed", false, true).await;
    bed.remove_member(id, bo, ana, bed.now()).await.unwrap();
    step("they were gone already", false, false).await;

    let direct = RoomId(Uuid::new_v4());
    for made in [true, false] {
        let opened = bed.open_direct(direct, ana, &[ana, bo], bed.now()).await;
        assert_eq!(opened.unwrap().unwrap().1, made);
        step("a direct room is opened", made, made).await;
    }

    let login = new_session(bed.now());
    bed.create_session(bo, login.clone()).await.unwrap();
    assert!(!bed.end_session(ana, login.id).await.unwrap());
    step("a login that is not one's own does not end", false, false).await;
    assert!(bed.end_session(bo, login.id).await.unwrap());
    step("a login ends", false, true).await;
    let other = new_session(bed.now());
    bed.create_session(ana, other.clone()).await.unwrap();
    let ended = bed.set_password(ana, "hash", Some(other.id)).await.unwrap();
    assert_eq!(ended.len(), 1);
    step("a new password ends the other logins", true, false).await;
}

pub(crate) async fn people_are_added_to_many_rooms_at_once_from_both_ends(bed: Bed) {
    let people = bed.users(["ana", "bo", "cy", "di"]).await;
    let owner = bed.user("owner").await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..24 {
        let room = bed.room(&[owner]).await;
        let (store, now) = (bed.share(), bed.now());
        let mut people = people;
        if n % 2 == 0 {
            people.reverse();
        }
        tasks.spawn(async move { store.add_members(room, &people, now).await.unwrap().len() });
    }
    assert!(tasks.join_all().await.iter().all(|added| *added == 4));
    for user in people {
        let found = of(&bed, user).await;
        assert_eq!((found.rooms.len(), found.moves), (24, 24));
    }
}

pub(crate) async fn a_node_lives_as_long_as_it_said(bed: Bed) {
    use roost::models::NodeId;
    let [one, other, third] = [0; 3].map(|_| NodeId(Uuid::new_v4()));
    let (hour, nothing) = (Duration::from_hours(1), Duration::ZERO);
    assert_eq!(bed.beat(one, hour).await.unwrap(), []);
    assert_eq!(bed.beat(other, nothing).await.unwrap(), [one]);
    assert_eq!(bed.beat(third, nothing).await.unwrap(), [one]);
    assert_eq!(bed.beat(other, hour).await.unwrap(), [one]);
    assert_eq!(bed.beat(one, nothing).await.unwrap(), [other]);
    bed.maintain(bed.now()).await.unwrap();
    assert_eq!(
        bed.beat(third, nothing).await.unwrap(),
        [other],
        "upkeep spares it"
    );
}
