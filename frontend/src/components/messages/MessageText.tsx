import { memo, useMemo } from 'react';
import { piecesOf } from '../../chat/text';
import { useChat } from '../../hooks/useChat';
import styles from './Message.module.css';

/** Text as it was written, with addresses to follow. No HTML is ever made of it. */
export const MessageText = memo(function MessageText({ content }: { content: string }) {
  const { me } = useChat();
  const pieces = useMemo(() => piecesOf(content), [content]);
  return (
    <p className={styles.text} dir="auto">
      {pieces.map((piece, index) => {
        // The pieces of a text never change places, so their place is their key.
        const key = `${index}`;
        if (piece.kind === 'link') {
          return (
            <a key={key} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
              {piece.text}
            </a>
          );
        }
        if (piece.kind === 'mention' && (piece.username === me.username || piece.username === 'all')) {
          return (
            <strong key={key} className={styles.mention}>
              {piece.text}
            </strong>
          );
        }
        return piece.text;
      })}
    </p>
  );
});
