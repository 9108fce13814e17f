/** A button that opens a small panel beside it. What holds the panel is fetched when the page rests. */
import { type ReactNode, useRef } from 'react';
import { Later, usePart } from '../../hooks/later';

export interface PopoverPanelProps {
  label: string;
  className?: string | undefined;
  anchor: HTMLButtonElement | null;
  onOpenChange: (open: boolean) => void;
  children: ReactNode;
}

const panel = new Later<PopoverPanelProps>(() => import('./PopoverPanel'));

interface Props {
  label: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  className?: string | undefined;
  /** What the button shows. */
  face: ReactNode;
  panelClassName?: string | undefined;
  children: ReactNode;
}

export function PopoverButton({
  label,
  open,
  onOpenChange,
  className,
  face,
  panelClassName,
  children,
}: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const Panel = usePart(panel, open);
  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={open}
        data-popup-open={open ? '' : undefined}
        onPointerEnter={() => void panel.fetch()}
        onClick={() => onOpenChange(!open)}
      >
        {face}
      </button>
      {open && Panel && (
        <Panel label={label} className={panelClassName} anchor={button.current} onOpenChange={onOpenChange}>
          {children}
        </Panel>
      )}
    </>
  );
}
