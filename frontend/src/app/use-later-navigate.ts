import { useCallback } from "react";
import { useNavigate, type NavigateOptions } from "react-router-dom";

export interface Go {
  (to: string, options?: NavigateOptions): Promise<void>;
  /** Whether it still leads there: nobody has gone elsewhere. */
  isOpen: () => boolean;
}

/**
 * For going to what takes a while to make: called when that begins, it returns the way there for when it is done. Whoever has
 * gone elsewhere meanwhile stays there.
 */
export function useLaterNavigate(): () => Go {
  const navigate = useNavigate();
  return useCallback(() => {
    const from = location.pathname;
    const isOpen = (): boolean => location.pathname === from;
    const go = async (to: string, options?: NavigateOptions): Promise<void> => {
      if (isOpen()) await navigate(to, options);
    };
    return Object.assign(go, { isOpen });
  }, [navigate]);
}
