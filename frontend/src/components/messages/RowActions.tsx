/**
 * What can be done with a message, over its corner while it is pointed at or
 * focused: one stop for the Tab key, and arrows from button to button.
 */
import { Menu } from '@base-ui/react/menu';
import { Popover } from '@base-ui/react/popover';
import { Toolbar } from '@base-ui/react/toolbar';
import { Ellipsis, SmilePlus } from 'lucide-react';
import { useRef, useState } from 'react';
import { strings } from '../../app/strings';
import { useReact } from '../../hooks/useReact';
import { useEscape } from '../../hooks/useShell';
import type { Message } from '../../protocol';
import { IconButton } from '../ui/IconButton';
import menu from '../ui/Menu.module.css';
import { type RowPermissions, useDeeds } from './deeds';
import { EmojiChoice } from './EmojiChoice';
import styles from './RowActions.module.css';
import type { RowVerbs } from './verbs';

export interface RowActionsProps {
  message: Message;
  may: RowPermissions;
  verbs: RowVerbs;
  /** Something of this row is open elsewhere on the page, so the row must not close. */
  onHold: (held: boolean) => void;
}

export default function RowActions({ message, may, verbs, onHold }: RowActionsProps) {
  const react = useReact(message);
  const [often, rest] = useDeeds(message, may, verbs);
  const [picking, setPicking] = useState(false);
  const toolbar = useRef<HTMLDivElement>(null);
  const row = () => toolbar.current?.closest('li') ?? null;
  /** The row itself, when what was done leaves no button to go back to. */
  const goesTo = useRef<HTMLElement | null>(null);

  function pick(emoji: string) {
    setPicking(false);
    onHold(false);
    react(emoji);
  }

  useEscape('actions', true, () => {
    if (!toolbar.current?.contains(document.activeElement)) return false;
    row()?.focus();
    return true;
  });

  return (
    <Toolbar.Root
      ref={toolbar}
      className={styles.actions}
      aria-label={strings.messages.actions(message.author.displayName)}
    >
      {may.write && (
        <Popover.Root
          open={picking}
          onOpenChange={(open) => {
            setPicking(open);
            onHold(open);
          }}
        >
          <Toolbar.Button
            render={<Popover.Trigger />}
            className={styles.button}
            aria-keyshortcuts="+"
            aria-label={strings.messages.react}
            title={strings.messages.react}
          >
            <SmilePlus size={16} aria-hidden />
          </Toolbar.Button>
          <Popover.Portal>
            <Popover.Positioner className={menu.positioner} side="top" align="end" sideOffset={4}>
              <Popover.Popup className={styles.emoji} aria-label={strings.messages.react}>
                <EmojiChoice onPick={pick} />
              </Popover.Popup>
            </Popover.Positioner>
          </Popover.Portal>
        </Popover.Root>
      )}
      {often.map(({ id, name, icon, key, run }) => (
        <Toolbar.Button
          key={id}
          render={<IconButton label={name}>{icon}</IconButton>}
          aria-keyshortcuts={key}
          onClick={run}
        />
      ))}
      <Menu.Root onOpenChange={onHold}>
        <Toolbar.Button
          render={<Menu.Trigger />}
          className={styles.button}
          aria-label={strings.messages.more}
          title={strings.messages.more}
        >
          <Ellipsis size={16} aria-hidden />
        </Toolbar.Button>
        <Menu.Portal>
          <Menu.Positioner className={menu.positioner} align="end" sideOffset={4}>
            <Menu.Popup className={menu.popup} finalFocus={() => goesTo.current ?? true}>
              {rest.map(({ id, name, icon, danger, run }) => (
                <Menu.Item
                  key={id}
                  className={danger ? `${menu.item} ${menu.danger}` : menu.item}
                  onClick={() => {
                    goesTo.current = danger ? row() : null;
                    run();
                  }}
                >
                  {icon}
                  {name}
                </Menu.Item>
              ))}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </Toolbar.Root>
  );
}
