/** When a room cannot be drawn the rest of the page lives on, and the room can be shown again. */
import { Component, type ReactNode } from 'react';
import { strings } from '../../app/strings';
import { Button } from '../ui/Button';
import styles from '../ui/Trouble.module.css';
import boundary from './RoomBoundary.module.css';

interface Props {
  children: ReactNode;
}

export class RoomBoundary extends Component<Props, { broken: unknown }> {
  override state = { broken: undefined };

  static getDerivedStateFromError(thrown: unknown) {
    return { broken: thrown ?? true };
  }

  override render() {
    if (this.state.broken === undefined) return this.props.children;
    return (
      <section className={boundary.place}>
        <div role="alert" className={styles.trouble}>
          <p className={styles.what}>{strings.failures.roomBroke}</p>
          <p>{strings.failures.roomBrokeHint}</p>
          <Button className={styles.retry} onClick={() => this.setState({ broken: undefined })}>
            {strings.failures.showRoomAgain}
          </Button>
        </div>
      </section>
    );
  }
}
