/** What a `PopoverButton` opens. */
import { Popover } from '@base-ui/react/popover';
import menu from './Menu.module.css';
import type { PopoverPanelProps } from './PopoverButton';

export default function PopoverPanel({
  label,
  className,
  anchor,
  onOpenChange,
  children,
}: PopoverPanelProps) {
  return (
    <Popover.Root open onOpenChange={onOpenChange}>
      <Popover.Portal>
        <Popover.Positioner
          className={menu.positioner}
          anchor={anchor}
          side="bottom"
          align="start"
          sideOffset={4}
        >
          <Popover.Popup className={className} aria-label={label} finalFocus={() => anchor}>
            {children}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
