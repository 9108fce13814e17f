/** What lies around the rooms: what can be done, what Escape leaves, what is open over the page. */
import { createContext, useContext, useEffect, useRef } from 'react';
import { type Command, Commands } from '../chat/commands';
import { Escapes, type Layer } from '../chat/escapes';

export type Overlay = 'palette' | 'help' | 'settings' | 'createRoom' | 'message';

export interface Shell {
  readonly commands: Commands;
  readonly escapes: Escapes;
  /** Opens one thing over the page, or closes it. */
  show(overlay: Overlay | undefined): void;
}

export const ShellContext = createContext<Shell>({
  commands: new Commands(),
  escapes: new Escapes(),
  show: () => {},
});

export const useShell = (): Shell => useContext(ShellContext);

/** Offers these commands for as long as the component is on the page. */
export function useCommands(offered: readonly Command[]): void {
  const { commands } = useShell();
  const latest = useRef(offered);
  useEffect(() => {
    latest.current = offered;
  });
  useEffect(() => commands.offer(() => latest.current), [commands]);
}

/** Escape leaves this, unless `leave` says with `false` that there is nothing to leave just now. */
export function useEscape(layer: Layer, active: boolean, leave: () => unknown): void {
  const { escapes } = useShell();
  const latest = useRef(leave);
  useEffect(() => {
    latest.current = leave;
  });
  useEffect(() => {
    if (active) return escapes.enter(layer, () => latest.current() !== false);
  }, [escapes, layer, active]);
}
