/** What the word at the caret may become, the likeliest first (`chat/completion.ts`). */
import { strings } from '../app/strings';
import type { Chat } from '../chat/chat';
import type { Command } from '../chat/commands';
import type { Word } from '../chat/completion';
import type { Emoji } from '../chat/emoji';
import { type Candidate, ranked } from '../chat/ranking';
import type { PresenceStatus, Room, RoomKind, User } from '../protocol';
import { api } from '../services/api';
import { findEmoji } from '../services/emoji';
import { useAnswer } from './useAnswer';
import { useChat } from './useChat';
import { useShell } from './useShell';

export interface Suggestion {
  readonly id: string;
  readonly sign:
    | { readonly person: PresenceStatus }
    | { readonly emoji: string }
    | RoomKind
    | 'everybody'
    | 'command';
  readonly name: string;
  readonly aside?: string | undefined;
  /** What takes the place of the word, or what is done instead. */
  readonly becomes: string | (() => void);
}

type Possible = Suggestion & Candidate;

/** A letter rather than a sign below it, which would be emphasis in a message. */
const SHRUG = '¯\\ˍ(ツ)ˍ/¯';
/** Met later than any room by its activity. */
const VISITED = Number.MAX_SAFE_INTEGER;
/** After all who have never been met. */
const LAST = -1;

export function useSuggestions(word: Word, room: Room): readonly Suggestion[] {
  const chat = useChat();
  const { commands } = useShell();
  const found = useFound(word, room);
  if (word.sign === ':') return found.emoji.map(ofEmoji);
  if (word.sign === '@') return ranked(word.letters, people(chat, room, found.users));
  if (word.sign === '#') return ranked(word.letters, rooms(chat, found.rooms));
  return ranked(word.letters, toDo(commands.list));
}

function people(chat: Chat, room: Room, found: readonly User[]): Possible[] {
  const spokeAt = lastWords(chat, room.id);
  const members = chat.people.members(room.id).map(({ user }) => user);
  const here = new Set(members.map(({ id }) => id));
  // Nobody else can come into a direct room, so nobody else can be called there.
  const others = room.kind === 'direct' ? [] : [...chat.people.known, ...found];
  const callable = [...others, ...members].filter((user) => !user.deactivated);
  const all = new Map(callable.map((user) => [user.id, user]));
  all.delete(chat.me.id);
  const offered = [...all.values()].map((user): Possible => {
    const near = here.has(user.id) || spokeAt.has(user.id);
    // Of a large room not everybody is known here to belong to it.
    const stranger = !near && members.length >= room.memberCount;
    return {
      id: user.id,
      sign: { person: chat.people.status(user.id) },
      name: user.displayName,
      aside: stranger ? `${user.username}, ${strings.suggestions.elsewhere}` : user.username,
      becomes: `@${user.username}`,
      names: [user.username, user.displayName],
      near,
      metAt: spokeAt.get(user.id) ?? 0,
    };
  });
  const byName = new Intl.Collator();
  offered.sort((a, b) => byName.compare(a.name, b.name));
  return room.memberCount > 2 ? [...offered, everybody(room)] : offered;
}

function everybody({ memberCount }: Room): Possible {
  const name = 'all';
  const aside = strings.suggestions.everybody(memberCount - 1);
  return {
    id: '@all',
    sign: 'everybody',
    name,
    aside,
    becomes: '@all',
    names: [name],
    near: true,
    metAt: LAST,
  };
}

/** The last message of everybody who has spoken, as far as the room is here. */
function lastWords(chat: Chat, roomId: string): Map<string, number> {
  const timeline = chat.timeline(roomId);
  const spokeAt = new Map<string, number>();
  for (const item of timeline.items) {
    const message = item.kind === 'message' ? timeline.message(item.id) : undefined;
    if (message) spokeAt.set(message.author.id, message.seq);
  }
  return spokeAt;
}

function rooms(chat: Chat, found: readonly Room[]): Possible[] {
  const { visited } = chat;
  const all = new Map([...found, ...chat.rooms.list].map((room) => [room.id, room]));
  return [...all.values()].flatMap((room): Possible[] => {
    if (room.kind === 'direct' || !room.name) return [];
    const visit = visited.indexOf(room.id);
    return [
      {
        id: room.id,
        sign: room.kind,
        name: room.name,
        aside: room.topic ?? undefined,
        becomes: `#${room.name}`,
        names: [room.name],
        near: chat.rooms.get(room.id) !== undefined,
        metAt: visit < 0 ? Date.parse(room.lastActivityAt) : VISITED - visit,
      },
    ];
  });
}

/** Commands that have a word of their own, and what is written rather than done. */
function toDo(commands: readonly Command[]): Possible[] {
  const named = commands.flatMap(({ word, group, name, run }) =>
    word && run ? [command(word, name, run, group === 'room')] : [],
  );
  return [...named, command('shrug', SHRUG, SHRUG, true)];
}

function command(word: string, aside: string, becomes: Suggestion['becomes'], near: boolean): Possible {
  const name = `/${word}`;
  return { id: name, sign: 'command', name, aside, becomes, names: [word], near, metAt: 0 };
}

function ofEmoji({ emoji, shortcode }: Emoji): Suggestion {
  return { id: emoji, sign: { emoji }, name: `:${shortcode}:`, becomes: emoji };
}

interface Found {
  readonly users: readonly User[];
  readonly rooms: readonly Room[];
  readonly emoji: readonly Emoji[];
}

/** What has to be asked for: people and rooms that only the server knows, and the list of emoji, which is here. */
function useFound({ sign, letters }: Word, { kind }: Room): Found {
  const lettersOf = (wanted: Word['sign']) => (sign === wanted && letters !== '' ? letters : undefined);
  const users = useAnswer(kind === 'direct' ? undefined : lettersOf('@'), api.findUsers);
  const rooms = useAnswer(lettersOf('#'), (asked) => api.browseRooms(asked));
  const emoji = useAnswer(lettersOf(':'), findEmoji, 0);
  return { users: users?.users ?? [], rooms: rooms?.rooms ?? [], emoji: emoji ?? [] };
}
