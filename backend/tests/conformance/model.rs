//! A room written down as simply as possible, beside which the store is held after every step.

use super::{Bed, Dice, body, client_id, emoji};
use roost::models::{Body, Change, Draft, Entry, MemberRole, Message, MessageId, RoomId, UserId};
use roost::store::{Anchor, Denied, StoreError};
use std::collections::HashMap;

const EMOJI: [&str; 3] = ["👍", "🎉", ":ship:"];

pub(crate) async fn a_long_random_history_is_as_a_naive_model_says(bed: Bed) {
    let people = bed.users(["ana", "bo", "cleo", "dov"]).await;
    for seed in 0..3 {
        let mut play = Play::begin(&bed, &people, seed).await;
        for step in 0..150 {
            play.step(step).await;
            play.compare_markers().await;
            if step % 10 == 0 {
                play.compare_log().await;
            }
        }
        play.compare_log().await;
        play.compare_pages().await;
    }
}

/// A message, as the model keeps it.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    id: MessageId,
    seq: u64,
    rev_seq: u64,
    author: UserId,
    content: String,
    calls: Vec<UserId>,
    everyone: bool,
    deleted: bool,
    edited: bool,
    reply_to: Option<MessageId>,
    reactions: Vec<(String, UserId)>,
}

#[derive(Clone, Copy, Debug)]
struct Belongs {
    role: MemberRole,
    since: usize,
    read: u64,
    read_id: Option<MessageId>,
}

/// An entry, as the model keeps it.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    Message(&'static str, Said),
    Reaction(&'static str, MessageId, String, UserId),
    Member(&'static str, UserId),
    Left(UserId, UserId),
}

/// What the model remembers of an entry; messages are looked up when it is told.
#[derive(Clone, Debug)]
enum Happened {
    Message(&'static str, MessageId),
    Other(Told),
}

struct Play<'a> {
    bed: &'a Bed,
    people: &'a [UserId],
    room: RoomId,
    dice: Dice,
    said: Vec<Said>,
    named: HashMap<(UserId, String), MessageId>,
    members: HashMap<UserId, Belongs>,
    log: Vec<Happened>,
}

impl<'a> Play<'a> {
    async fn begin(bed: &'a Bed, people: &'a [UserId], seed: u64) -> Self {
        let owner = Belongs {
            role: MemberRole::Owner,
            since: 0,
            read: 0,
            read_id: None,
        };
        Self {
            bed,
            people,
            room: bed.room(&people[..1]).await,
            dice: Dice::new(seed),
            said: Vec::new(),
            named: HashMap::new(),
            members: HashMap::from([(people[0], owner)]),
            log: Vec::new(),
        }
    }

    fn head(&self) -> u64 {
        u64::try_from(self.log.len()).unwrap()
    }

    async fn step(&mut self, step: usize) {
        let user = *self.dice.pick(self.people);
        match self.dice.roll(16) {
            0..=5 => self.append(step).await,
            6 | 7 => self.edit(user, step).await,
            8 => self.delete(user).await,
            9 | 10 => self.react(user).await,
            11 => self.take_back(user).await,
            12 => self.join(user, step).await,
            13 => self.leave(user).await,
            _ => self.read(user).await,
        }
    }

    /// A text that may call somebody or everybody.
    fn text(&mut self, step: usize) -> String {
        let name = ["ana", "bo", "cleo", "dov"][self.dice.roll(4)];
        match self.dice.roll(6) {
            0 => format!("{step} @all"),
            1 => format!("{step} @{name} @all"),
            2 | 3 => format!("{step} @{name}"),
            _ => format!("{step}"),
        }
    }

    fn calls(&self, body: &Body) -> (Vec<UserId>, bool) {
        let mentioned = body.mentioned();
        let names = ["ana", "bo", "cleo", "dov"];
        let called = mentioned
            .names
            .iter()
            .map(|name| self.people[names.iter().position(|one| one == name).unwrap()])
            .filter(|user| self.members.contains_key(user));
        (called.collect(), mentioned.everyone)
    }

    fn some_message(&mut self) -> Option<MessageId> {
        // Mostly a recent one, so that markers and counts have something to do.
        let recent = self.said.len().min(12);
        let back = (recent > 0).then(|| self.dice.roll(recent))?;
        Some(self.said[self.said.len() - 1 - back].id)
    }

    fn find(&mut self, id: MessageId) -> &mut Said {
        self.said.iter_mut().find(|said| said.id == id).unwrap()
    }

    async fn append(&mut self, step: usize) {
        let mut batch = Vec::new();
        for n in 0..=self.dice.roll(4) {
            let author = *self.dice.pick(self.people);
            let text = self.text(step);
            let name = format!("name-{}", self.dice.roll(40));
            let named = self.dice.roll(2) == 0;
            let reply_to = match self.dice.roll(4) {
                0 => self.some_message(),
                _ => None,
            };
            batch.push(Draft {
                client_id: named.then(|| client_id(&name)),
                reply_to,
                ..self.bed.draft(self.room, author, &format!("{text} {n}"))
            });
        }
        let answers = self.bed.append(&batch).await.unwrap();
        assert_eq!(answers.len(), batch.len());
        for (draft, answer) in batch.into_iter().zip(answers) {
            if !self.members.contains_key(&draft.author) {
                assert_eq!(answer, Err(Denied::NotMember));
                continue;
            }
            let posted = answer.unwrap();
            let name = draft
                .client_id
                .as_ref()
                .map(|name| (draft.author, name.as_str().to_owned()));
            let known = name.as_ref().and_then(|name| self.named.get(name));
            if let Some(first) = known {
                assert!(posted.duplicate);
                assert_eq!(posted.message.id, *first);
                continue;
            }
            assert!(!posted.duplicate);
            let seq = self.head() + 1;
            let id = posted.message.id;
            assert!(self.said.last().is_none_or(|last| last.id < id));
            let (calls, everyone) = self.calls(&draft.body);
            self.said.push(Said {
                id,
                seq,
                rev_seq: seq,
                author: draft.author,
                content: draft.body.as_str().to_owned(),
                calls,
                everyone,
                deleted: false,
                edited: false,
                reply_to: draft.reply_to,
                reactions: Vec::new(),
            });
            if let Some(name) = name {
                self.named.insert(name, id);
            }
            let member = self.members.get_mut(&draft.author).unwrap();
            (member.read, member.read_id) = (seq, Some(id));
            self.log.push(Happened::Message("received", id));
            let said = self.said.last().unwrap();
            assert_eq!(show(&posted.message), *said);
        }
    }

    async fn edit(&mut self, user: UserId, step: usize) {
        let Some(id) = self.some_message() else {
            return;
        };
        let text = self.text(step);
        let text = body(&text);
        let now = self.bed.now();
        let edited = self
            .bed
            .edit_message(self.room, id, user, &text, None, now)
            .await;
        let expected = if !self.members.contains_key(&user) {
            Err(Denied::NotMember)
        } else if self.find(id).deleted {
            Err(Denied::NoMessage)
        } else if self.find(id).author != user {
            Err(Denied::NotAuthor)
        } else {
            let seq = self.head() + 1;
            let (calls, everyone) = self.calls(&text);
            let said = self.find(id);
            text.as_str().clone_into(&mut said.content);
            (said.calls, said.everyone) = (calls, everyone);
            (said.rev_seq, said.edited) = (seq, true);
            self.log.push(Happened::Message("updated", id));
            Ok(Some(seq))
        };
        assert_eq!(outcome(edited.map(Some)), expected);
    }

    async fn delete(&mut self, user: UserId) {
        let Some(id) = self.some_message() else {
            return;
        };
        let any = self.dice.roll(3) == 0;
        let now = self.bed.now();
        let deleted = self.bed.delete_message(self.room, id, user, any, now).await;
        let expected = if !self.members.contains_key(&user) {
            Err(Denied::NotMember)
        } else if !any && self.find(id).author != user {
            Err(Denied::NotAuthor)
        } else if self.find(id).deleted {
            Ok(None)
        } else {
            let seq = self.head() + 1;
            let said = self.find(id);
            said.content.clear();
            said.calls.clear();
            said.reactions.clear();
            (said.everyone, said.deleted, said.rev_seq) = (false, true, seq);
            self.log.push(Happened::Message("deleted", id));
            Ok(Some(seq))
        };
        assert_eq!(outcome(deleted), expected);
    }

    async fn react(&mut self, user: UserId) {
        let Some(id) = self.some_message() else {
            return;
        };
        let put = (*self.dice.pick(&EMOJI)).to_owned();
        let (given, now) = (emoji(&put), self.bed.now());
        let added = self
            .bed
            .add_reaction(self.room, id, user, &given, now)
            .await;
        let seq = self.head() + 1;
        let expected = if !self.members.contains_key(&user) {
            Err(Denied::NotMember)
        } else if self.find(id).deleted {
            Err(Denied::NoMessage)
        } else if self.find(id).reactions.contains(&(put.clone(), user)) {
            Ok(None)
        } else {
            let said = self.find(id);
            said.reactions.push((put.clone(), user));
            said.rev_seq = seq;
            let told = Told::Reaction("added", id, put, user);
            self.log.push(Happened::Other(told));
            Ok(Some(seq))
        };
        assert_eq!(outcome(added), expected);
    }

    async fn take_back(&mut self, user: UserId) {
        let Some(id) = self.some_message() else {
            return;
        };
        let taken = (*self.dice.pick(&EMOJI)).to_owned();
        let (given, now) = (emoji(&taken), self.bed.now());
        let removed = self
            .bed
            .remove_reaction(self.room, id, user, &given, now)
            .await;
        let seq = self.head() + 1;
        let reaction = (taken.clone(), user);
        let expected = if !self.members.contains_key(&user) {
            Err(Denied::NotMember)
        } else if self.find(id).reactions.contains(&reaction) {
            let said = self.find(id);
            said.reactions.retain(|one| *one != reaction);
            said.rev_seq = seq;
            let told = Told::Reaction("removed", id, taken, user);
            self.log.push(Happened::Other(told));
            Ok(Some(seq))
        } else {
            Ok(None)
        };
        assert_eq!(outcome(removed), expected);
    }

    async fn join(&mut self, user: UserId, step: usize) {
        let now = self.bed.now();
        let added = self.bed.add_members(self.room, &[user], now).await.unwrap();
        if self.members.contains_key(&user) {
            assert!(added.is_empty());
            return;
        }
        self.log.push(Happened::Other(Told::Member("added", user)));
        let belongs = Belongs {
            role: MemberRole::Member,
            since: step + 1,
            read: self.head(),
            read_id: None,
        };
        self.members.insert(user, belongs);
        assert_eq!(super::seqs(&added), [self.head()]);
    }

    async fn leave(&mut self, user: UserId) {
        if self.members.len() == 1 {
            return;
        }
        let by = *self.dice.pick(self.people);
        let now = self.bed.now();
        let left = self.bed.remove_member(self.room, user, by, now).await;
        let before = self.log.len();
        if let Some(member) = self.members.remove(&user) {
            self.log.push(Happened::Other(Told::Left(user, by)));
            if member.role == MemberRole::Owner {
                let (next, belongs) = self
                    .members
                    .iter_mut()
                    .min_by_key(|(_, member)| member.since)
                    .unwrap();
                belongs.role = MemberRole::Owner;
                let told = Told::Member("changed", *next);
                self.log.push(Happened::Other(told));
            }
        }
        assert_eq!(left.unwrap().len(), self.log.len() - before);
    }

    async fn read(&mut self, user: UserId) {
        let Some(id) = self.some_message() else {
            return;
        };
        let force = self.dice.roll(2) == 0;
        let marked = self.bed.mark_read(self.room, user, id, force).await;
        let seq = self.find(id).seq;
        let Some(member) = self.members.get_mut(&user) else {
            assert_eq!(super::denial(marked), Denied::NotMember);
            return;
        };
        let moves = seq > member.read || (force && seq < member.read);
        if moves {
            (member.read, member.read_id) = (seq, Some(id));
        }
        assert_eq!(marked.unwrap().1, moves);
    }

    /// Everybody's marker and what they have not read.
    async fn compare_markers(&self) {
        for user in self.people {
            let stored = self.bed.find_membership(self.room, *user).await.unwrap();
            let Some(member) = self.members.get(user) else {
                assert_eq!(stored, None);
                continue;
            };
            let stored = stored.unwrap();
            let unread: Vec<_> = self
                .said
                .iter()
                .filter(|said| said.seq > member.read && said.author != *user && !said.deleted)
                .collect();
            let mentions = unread
                .iter()
                .filter(|said| said.everyone || said.calls.contains(user));
            assert_eq!(stored.role, member.role);
            assert_eq!(stored.last_read_seq, member.read);
            assert_eq!(stored.last_read_id, member.read_id);
            assert_eq!(usize::from(stored.unread), unread.len().min(100));
            assert_eq!(usize::from(stored.mentions), mentions.count().min(100));
        }
    }

    async fn compare_log(&mut self) {
        let log = self.bed.log(self.room).await;
        assert_eq!(super::seqs(&log), (1..=self.head()).collect::<Vec<_>>());
        for (happened, entry) in self.log.clone().into_iter().zip(&log) {
            let expected = match happened {
                Happened::Message(kind, id) => Told::Message(kind, shown_of(self.find(id))),
                Happened::Other(told) => told,
            };
            assert_eq!(tell(entry), expected);
        }
    }

    async fn compare_pages(&mut self) {
        let page = self.bed.page(self.room, Anchor::Newest, 20).await.unwrap();
        let shown: Vec<_> = page.messages.iter().map(show).collect();
        let newest = self.said.len().saturating_sub(20);
        let expected: Vec<_> = self.said[newest..].iter().map(shown_of).collect();
        assert_eq!(shown, expected);
        for message in &page.messages {
            let Some(reply) = &message.reply_to else {
                continue;
            };
            let answered = self.find(reply.id);
            assert_eq!(reply.excerpt, answered.content);
            assert_eq!(reply.author.id, answered.author);
        }
    }
}

/// Its place, nothing, or why not.
fn outcome(result: roost::store::Result<Option<Entry>>) -> Result<Option<u64>, Denied> {
    match result {
        Ok(entry) => Ok(entry.map(|entry| entry.seq)),
        Err(StoreError::Denied(denied)) => Err(denied),
        Err(error) => panic!("{error}"),
    }
}

/// The message as the model would keep it.
fn show(message: &Message) -> Said {
    let mut reactions = Vec::new();
    for reaction in &message.reactions {
        for user in &reaction.user_ids {
            reactions.push((reaction.emoji.clone(), *user));
        }
    }
    Said {
        id: message.id,
        seq: message.seq,
        rev_seq: message.rev_seq,
        author: message.author.id,
        content: message.content.clone(),
        calls: message.mentions.clone(),
        everyone: message.content.contains("@all"),
        deleted: message.deleted_at.is_some(),
        edited: message.edited_at.is_some(),
        reply_to: message.reply_to.as_ref().map(|reply| reply.id),
        reactions,
    }
}

/// The model's message as it is shown: reactions of one emoji stand together, at the place of
/// the oldest of them.
fn shown_of(said: &Said) -> Said {
    let mut reactions: Vec<(String, UserId)> = Vec::new();
    for (emoji, user) in &said.reactions {
        let last_of_kind = reactions.iter().rposition(|(known, _)| known == emoji);
        let at = last_of_kind.map_or(reactions.len(), |at| at + 1);
        reactions.insert(at, (emoji.clone(), *user));
    }
    Said {
        reactions,
        ..said.clone()
    }
}

fn tell(entry: &Entry) -> Told {
    let message = |kind, message| Told::Message(kind, show(message));
    match &entry.change {
        Change::MessageReceived(it) => message("received", it),
        Change::MessageUpdated(it) => message("updated", it),
        Change::MessageDeleted(it) => message("deleted", it),
        Change::ReactionAdded {
            message,
            emoji,
            user,
        } => Told::Reaction("added", *message, emoji.clone(), *user),
        Change::ReactionRemoved {
            message,
            emoji,
            user,
        } => Told::Reaction("removed", *message, emoji.clone(), *user),
        Change::MemberAdded(fact) => Told::Member("added", fact.user.id),
        Change::MemberChanged(fact) => Told::Member("changed", fact.user.id),
        Change::MemberRemoved { user, by } => Told::Left(*user, *by),
        Change::RoomUpdated(_) | Change::RoomArchived(_) => {
            panic!("nobody changed the room: {entry:?}")
        }
    }
}
