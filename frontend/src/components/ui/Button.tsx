import type { ComponentProps } from 'react';
import styles from './Button.module.css';

interface Props extends ComponentProps<'button'> {
  look?: 'primary' | 'plain' | 'danger';
}

export function Button({ look = 'primary', type = 'button', className, ...rest }: Props) {
  return <button type={type} className={[styles.button, styles[look], className].join(' ')} {...rest} />;
}
