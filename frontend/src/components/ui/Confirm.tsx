/** Asks once before something that cannot be undone. The dialog is fetched when the page rests. */
import { useState } from 'react';
import { Later, usePart } from '../../hooks/later';

export interface Question {
  open: boolean;
  title: string;
  description: string;
  action: string;
  /** `danger` unless nothing is lost by it. */
  look?: 'danger' | 'primary';
  onConfirm: () => void;
  onClose: () => void;
  /** Who has the focus afterwards, when it is not whoever had it before. */
  returnTo?: () => HTMLElement | null | undefined;
}

const dialog = new Later<Question>(() => import('./ConfirmDialog'));

export function Confirm(question: Question) {
  const [used, setUsed] = useState(false);
  if (question.open && !used) setUsed(true);
  const Dialog = usePart(dialog, used);
  // Once opened it stays, so that it can be seen to close.
  return used && Dialog && <Dialog {...question} />;
}
