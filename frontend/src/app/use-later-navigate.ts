import { useCallback } from "react";
import { useNavigate, type NavigateOptions } from "react-router-dom";

export type Go = (to: string, options?: NavigateOptions) => Promise<void>;

/**
 * For going to what takes a while to make: called when that begins, it returns the way there for when it is done. Whoever has
 * gone elsewhere meanwhile stays there.
 */
export function useLaterNavigate(): () => Go {
  const navigate = useNavigate();
  return useCallback(() => {
    const from = location.pathname;
    return async (to, options) => {
      if (location.pathname === from) await navigate(to, options);
    };
  }, [navigate]);
}
