/** A button that opens a menu. The menu itself is fetched when the page rests. */
import type { LucideIcon } from 'lucide-react';
import { type ReactNode, useId, useRef, useState } from 'react';
import { Later, usePart } from '../../hooks/later';

export interface MenuEntry {
  readonly icon?: LucideIcon;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly act: () => void;
  readonly danger?: boolean;
  /** It is one of several in its section, and chosen or not. */
  readonly chosen?: boolean;
}

/** Stands below a line, and may have a name. */
export interface MenuSection {
  readonly name?: string;
  readonly entries: readonly MenuEntry[];
}

export interface MenuPopupProps {
  id: string;
  label: string;
  entries: readonly (MenuEntry | MenuSection)[];
  anchor: HTMLButtonElement | null;
  /** Whoever opened it with a key is at its first entry at once. */
  byKey: boolean;
  side: 'top' | 'bottom';
  align: 'start' | 'end';
  onOpenChange: (open: boolean) => void;
}

const popup = new Later<MenuPopupProps>(() => import('./MenuPopup'));

interface Props {
  label: string;
  className?: string | undefined;
  entries: readonly (MenuEntry | MenuSection)[];
  side?: 'top' | 'bottom';
  align?: 'start' | 'end';
  children: ReactNode;
}

export function MenuButton({ label, className, entries, side = 'bottom', align = 'end', children }: Props) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState<'pointer' | 'key'>();
  const Popup = usePart(popup, opened !== undefined);

  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={opened !== undefined}
        aria-controls={opened && Popup ? id : undefined}
        data-popup-open={opened && ''}
        onPointerEnter={() => void popup.fetch()}
        onClick={(event) => setOpened(opened ? undefined : event.detail === 0 ? 'key' : 'pointer')}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          setOpened('key');
        }}
      >
        {children}
      </button>
      {opened && Popup && (
        <Popup
          id={id}
          label={label}
          entries={entries}
          anchor={button.current}
          byKey={opened === 'key'}
          side={side}
          align={align}
          onOpenChange={(open) => !open && setOpened(undefined)}
        />
      )}
    </>
  );
}
