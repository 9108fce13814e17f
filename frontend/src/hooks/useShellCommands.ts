/** What can be done wherever one is. Rooms and messages add what can be done with them. */
import { useLocation, useRoute } from 'wouter';
import { strings } from '../app/strings';
import type { Command } from '../chat/commands';
import { isOperator } from '../chat/operators';
import { callOf } from '../chat/rooms';
import { DENSITIES, type Preferences, TEXT_SIZES, THEMES } from '../chat/settings';
import { moveToRegion } from './regions';
import { useChat, useWatched } from './useChat';
import { usePreferences } from './usePreferences';
import { type Shell, useCommands } from './useShell';

export function useShellCommands({ show }: Shell, signOut: () => void): void {
  const chat = useChat();
  const preferences = usePreferences();
  const operates = useWatched('me', ({ me }) => isOperator(me));
  const [, navigate] = useLocation();
  const [, route] = useRoute('/r/:roomId/*?');

  function walk(step: 1 | -1, unreadOnly: boolean) {
    const wanted = (id: string) => {
      const room = chat.rooms.get(id);
      return room !== undefined && (!unreadOnly || callOf(room, Date.now()) !== 'quiet');
    };
    const next = chat.order.beside(route?.roomId, step, wanted);
    if (next) navigate(`/r/${next}`);
  }

  const { commands: words } = strings;
  useCommands([
    { id: 'palette', group: 'moving', name: words.palette, keys: ['Mod+K'], run: () => show('palette') },
    ...leadingTo(navigate, show),
    ...(operates ? [operatorsPage(() => navigate('/admin'))] : []),
    ...moving(walk),
    ...looks(preferences, (wish) => chat.settings.change(wish)),
    { id: 'signOut', group: 'settings', name: strings.session.signOut, run: signOut },
    ...pressedElsewhere(preferences),
  ]);
}

const operatorsPage = (run: () => void): Command => ({
  id: 'operator',
  group: 'moving',
  name: strings.operator.title,
  run,
});

function leadingTo(navigate: (path: string) => void, show: Shell['show']): Command[] {
  const { commands: words, rooms } = strings;
  const group = 'moving';
  return [
    { id: 'browse', group, name: rooms.browse, word: 'browse', run: () => navigate('/browse') },
    { id: 'createRoom', group, name: rooms.create, word: 'create', run: () => show('createRoom') },
    { id: 'message', group, name: rooms.message, word: 'message', run: () => show('message') },
    {
      id: 'settings',
      group,
      name: words.settings,
      keys: ['Mod+,'],
      word: 'settings',
      run: () => show('settings'),
    },
    { id: 'help', group, name: words.help, keys: ['?', 'Mod+/'], word: 'help', run: () => show('help') },
  ];
}

function moving(walk: (step: 1 | -1, unreadOnly: boolean) => void): Command[] {
  const { commands: words } = strings;
  const steps = [
    ['nextRoom', 'Alt+ArrowDown', () => walk(1, false)],
    ['previousRoom', 'Alt+ArrowUp', () => walk(-1, false)],
    ['nextUnread', 'Alt+Shift+ArrowDown', () => walk(1, true)],
    ['previousUnread', 'Alt+Shift+ArrowUp', () => walk(-1, true)],
    ['nextRegion', 'F6', () => moveToRegion(1)],
    ['previousRegion', 'Shift+F6', () => moveToRegion(-1)],
  ] as const;
  return steps.map(([id, keys, run]) => ({ id, group: 'moving', name: words[id], keys: [keys], run }));
}

function looks(now: Preferences, change: (wish: Partial<Preferences>) => void): Command[] {
  const { settings, commands: words } = strings;
  const size = TEXT_SIZES.indexOf(now.textSize);
  const sizes = [
    ['larger', TEXT_SIZES[size + 1]],
    ['smaller', TEXT_SIZES[size - 1]],
  ] as const;
  return [
    ...THEMES.map((theme): Command => {
      const name = words.theme(settings.themes[theme]);
      return { id: `theme:${theme}`, group: 'settings', name, run: () => change({ theme }) };
    }),
    ...DENSITIES.map((density): Command => {
      const name = words.density(settings.densities[density]);
      return { id: `density:${density}`, group: 'settings', name, run: () => change({ density }) };
    }),
    ...sizes.flatMap(([id, textSize]): Command[] =>
      textSize ? [{ id, group: 'settings', name: words[id], run: () => change({ textSize }) }] : [],
    ),
  ];
}

/** Keys that belong to a field or to a message, for those who look for them. */
function pressedElsewhere({ enterSends }: Preferences): Command[] {
  const { commands: words, messages } = strings;
  const [send, newLine] = enterSends ? ['Enter', 'Shift+Enter'] : ['Shift+Enter', 'Enter'];
  return [
    { id: 'escape', group: 'moving', name: words.escape, keys: ['Escape'] },
    { id: 'arrows', group: 'messages', name: words.arrows, keys: ['ArrowUp', 'ArrowDown'] },
    { id: 'ends', group: 'messages', name: words.ends, keys: ['Home', 'End'] },
    { id: 'reply', group: 'messages', name: messages.reply, keys: ['R'] },
    { id: 'edit', group: 'messages', name: messages.edit, keys: ['E'] },
    { id: 'react', group: 'messages', name: messages.react, keys: ['+'] },
    { id: 'send', group: 'writing', name: words.send, keys: [send] },
    { id: 'newLine', group: 'writing', name: words.newLine, keys: [newLine] },
    { id: 'editLast', group: 'writing', name: words.editLast, keys: ['ArrowUp'] },
  ];
}
