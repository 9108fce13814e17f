//! Logins.

use super::{Bed, new_session, unknown_user};
use roost::models::{SessionId, Timestamp, TokenHash};
use uuid::Uuid;

const LONG_AGO: Timestamp = Timestamp(0);

pub(crate) async fn a_token_is_good_until_its_end(bed: Bed) {
    let [ana, _] = bed.users(["ana", "bo"]).await;
    let new = new_session(bed.now());
    bed.create_session(ana, new.clone()).await.unwrap();

    let before = Timestamp(new.expires_at.0 - 1);
    let (session, user) = bed
        .find_session(new.token, before, LONG_AGO)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(user, bed.somebody(ana).await);
    assert_eq!(session.id, new.id);
    assert_eq!(session.user_id, ana);
    assert_eq!(session.user_agent, new.user_agent);
    assert_eq!(session.created_at, new.created_at);
    assert_eq!(session.last_used_at, new.created_at);
    assert_eq!(session.expires_at, new.expires_at);

    let after = Timestamp(new.expires_at.0 + 1);
    let ended = bed.find_session(new.token, after, LONG_AGO).await.unwrap();
    assert!(ended.is_none());
    let other = TokenHash([7; 32]);
    let unknown = bed.find_session(other, before, LONG_AGO).await.unwrap();
    assert!(unknown.is_none());
}

pub(crate) async fn tokens_asked_for_together_are_answered_in_that_order(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let [hers, his] = [new_session(bed.now()), new_session(bed.now())];
    bed.create_session(ana, hers.clone()).await.unwrap();
    bed.create_session(bo, his.clone()).await.unwrap();
    bed.room(&[bo]).await;

    let asked = [his.token, TokenHash([7; 32]), hers.token, his.token];
    let found = bed.find_sessions(&asked, hers.created_at, LONG_AGO).await;
    let found = found.unwrap();
    let whose: Vec<_> = found
        .iter()
        .map(|login| Some((login.as_ref()?.session.id, login.as_ref()?.user.id)))
        .collect();
    let bos = Some((his.id, bo));
    assert_eq!(whose, [bos, None, Some((hers.id, ana)), bos]);
    let counted = bed.moves(&[bo]).await.unwrap();
    assert_eq!(counted, [(bo, found[0].as_ref().unwrap().moves)]);
    assert!(
        bed.find_sessions(&[], hers.created_at, LONG_AGO)
            .await
            .unwrap()
            .is_empty()
    );
}

pub(crate) async fn a_token_that_is_not_used_stops_being_good(bed: Bed) {
    let ana = bed.user("ana").await;
    let new = new_session(bed.now());
    bed.create_session(ana, new.clone()).await.unwrap();
    let used = Timestamp(new.created_at.0 + 500);
    let earlier = Timestamp(new.created_at.0 + 100);
    bed.used_sessions(&[(new.id, used), (SessionId(Uuid::new_v4()), used)])
        .await
        .unwrap();
    // A late report of an earlier use changes nothing.
    bed.used_sessions(&[(new.id, earlier)]).await.unwrap();

    let find = async |idle_since| {
        let found = bed.find_session(new.token, used, idle_since).await;
        found.unwrap().map(|(session, _)| session.last_used_at)
    };
    assert_eq!(find(used).await, Some(used));
    assert_eq!(find(Timestamp(used.0 + 1)).await, None);
}

pub(crate) async fn ones_logins_are_listed_newest_first(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let mut short = new_session(bed.now());
    short.expires_at = Timestamp(short.created_at.0 + 1);
    let long = new_session(bed.now());
    let newest = new_session(bed.now());
    for session in [&newest, &short, &long] {
        bed.create_session(ana, session.clone()).await.unwrap();
    }
    bed.create_session(bo, new_session(bed.now()))
        .await
        .unwrap();

    let listed = bed.list_sessions(ana, bed.now()).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|session| session.id).collect();
    // The last is the one that registering made.
    assert_eq!(ids.len(), 3);
    assert_eq!(ids[..2], [newest.id, long.id]);
    assert!(listed.iter().all(|session| session.user_id == ana));
}

pub(crate) async fn one_ends_a_login_of_ones_own_only(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let new = new_session(bed.now());
    bed.create_session(ana, new.clone()).await.unwrap();

    assert!(!bed.end_session(bo, new.id).await.unwrap());
    let now = bed.now();
    let found = bed.find_session(new.token, now, LONG_AGO).await.unwrap();
    assert!(found.is_some());
    assert!(bed.end_session(ana, new.id).await.unwrap());
    assert!(!bed.end_session(ana, new.id).await.unwrap());
    let found = bed.find_session(new.token, now, LONG_AGO).await.unwrap();
    assert!(found.is_none());
}

pub(crate) async fn a_new_password_ends_all_other_logins(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let (kept, other) = (new_session(bed.now()), new_session(bed.now()));
    for session in [&kept, &other] {
        bed.create_session(ana, session.clone()).await.unwrap();
    }
    let ended = bed
        .set_password(ana, "another hash", Some(kept.id))
        .await
        .unwrap();
    assert_eq!(ended.len(), 2);
    assert!(ended.contains(&other.id) && !ended.contains(&kept.id));
    let account = bed.find_account("ana").await.unwrap().unwrap();
    assert_eq!(account.password_hash, "another hash");
    let left = bed.list_sessions(ana, bed.now()).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].id, kept.id);
    assert_eq!(bed.list_sessions(bo, bed.now()).await.unwrap().len(), 1);

    let ended = bed.set_password(ana, "a third", None).await.unwrap();
    assert_eq!(ended, [kept.id]);
    let nobody = bed.set_password(unknown_user(), "none", None).await;
    assert!(nobody.unwrap().is_empty());
}

pub(crate) async fn upkeep_forgets_logins_past_their_end(bed: Bed) {
    let ana = bed.user("ana").await;
    let (mut short, long) = (new_session(bed.now()), new_session(bed.now()));
    short.expires_at = Timestamp(short.created_at.0 + 1);
    for session in [&short, &long] {
        bed.create_session(ana, session.clone()).await.unwrap();
    }
    let now = bed.now();
    bed.maintain(now).await.unwrap();
    bed.maintain(now).await.unwrap();
    let earlier = short.created_at;
    let find = async |token| bed.find_session(token, earlier, LONG_AGO).await.unwrap();
    assert!(find(short.token).await.is_none());
    assert!(find(long.token).await.is_some());
}
