/** A button that is only an icon: it always has a name, which `Tips` shows too. */
import type { ComponentProps } from 'react';
import styles from './IconButton.module.css';

interface Props extends Omit<ComponentProps<'button'>, 'aria-label'> {
  label: string;
}

export function IconButton({ label, className, type = 'button', ...rest }: Props) {
  return (
    <button
      type={type}
      aria-label={label}
      data-tip=""
      className={`${styles.button} ${className ?? ''}`}
      {...rest}
    />
  );
}
