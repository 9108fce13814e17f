/** What a `MenuButton` opens. */
import { Menu } from '@base-ui/react/menu';
import { type FocusEvent, useRef } from 'react';
import styles from './Menu.module.css';
import type { MenuPopupProps } from './MenuButton';

export default function MenuPopup({
  id,
  label,
  entries,
  anchor,
  byKey,
  side,
  align,
  onOpenChange,
}: MenuPopupProps) {
  const begun = useRef(!byKey);

  /** Only a button of its own would have told the menu that a key has opened it. */
  function begin({ target }: FocusEvent) {
    if (begun.current) return;
    begun.current = true;
    target.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
  }

  return (
    <Menu.Root open onOpenChange={onOpenChange}>
      <Menu.Portal>
        <Menu.Positioner
          className={styles.positioner}
          anchor={anchor}
          side={side}
          align={align}
          sideOffset={4}
        >
          <Menu.Popup
            id={id}
            onFocus={begin}
            className={styles.popup}
            aria-label={label}
            finalFocus={() => anchor}
          >
            {entries.map(({ icon: Icon, label: entry, act, danger }) => (
              <Menu.Item
                key={entry}
                className={danger ? `${styles.item} ${styles.danger}` : styles.item}
                onClick={act}
              >
                <Icon size={16} aria-hidden />
                {entry}
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
