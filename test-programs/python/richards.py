# An operating system's kernel with idle, worker, handler and device tasks that exchange packets: method calls on objects of a few classes, linked lists.
# bench-args: small=1 large=60
import sys

IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(1, 7)
DEVICE_PACKET, WORK_PACKET = range(2)
BUFFER_SIZE = 4
TASK_TABLE_SIZE = 10


class Packet:
    def __init__(self, link, ident, kind):
        self.link = link
        self.ident = ident
        self.kind = kind
        self.datum = 0
        self.data = [0] * BUFFER_SIZE

    def append_to(self, queue):
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class DeviceState:
    def __init__(self):
        self.pending = None


class IdleState:
    def __init__(self):
        self.control = 1
        self.count = 10000


class HandlerState:
    def __init__(self):
        self.work_in = None
        self.device_in = None

    def add_work(self, packet):
        self.work_in = packet.append_to(self.work_in)
        return self.work_in

    def add_device(self, packet):
        self.device_in = packet.append_to(self.device_in)
        return self.device_in


class WorkerState:
    def __init__(self):
        self.destination = HANDLER_A
        self.count = 0


class TaskState:
    def __init__(self):
        self.packet_pending = True
        self.waiting = False
        self.holding = False

    def set_packet_pending(self):
        self.packet_pending = True
        self.waiting = False
        self.holding = False
        return self

    def set_waiting(self):
        self.packet_pending = False
        self.waiting = True
        self.holding = False
        return self

    def set_running(self):
        self.packet_pending = False
        self.waiting = False
        self.holding = False
        return self

    def set_waiting_with_packet(self):
        self.packet_pending = True
        self.waiting = True
        self.holding = False
        return self

    def is_held_or_waiting(self):
        return self.holding or (not self.packet_pending and self.waiting)

    def is_waiting_with_packet(self):
        return self.packet_pending and self.waiting and not self.holding


class Kernel:
    def __init__(self):
        self.tasks = None
        self.current = None
        self.current_ident = 0
        self.table = [None] * TASK_TABLE_SIZE
        self.hold_count = 0
        self.queue_count = 0


class Task(TaskState):
    def __init__(self, kernel, ident, priority, queue, state, data):
        self.kernel = kernel
        self.link = kernel.tasks
        self.ident = ident
        self.priority = priority
        self.queue = queue
        self.packet_pending = state.packet_pending
        self.waiting = state.waiting
        self.holding = state.holding
        self.data = data
        kernel.tasks = self
        kernel.table[ident] = self

    def run(self, packet, data):
        raise NotImplementedError

    def accept(self, packet, sender):
        if self.queue is None:
            self.queue = packet
            self.packet_pending = True
            if self.priority > sender.priority:
                return self
        else:
            packet.append_to(self.queue)
        return sender

    def run_once(self):
        if self.is_waiting_with_packet():
            packet = self.queue
            self.queue = packet.link
            if self.queue is None:
                self.set_running()
            else:
                self.set_packet_pending()
        else:
            packet = None
        return self.run(packet, self.data)

    def wait(self):
        self.waiting = True
        return self

    def hold(self):
        self.kernel.hold_count += 1
        self.holding = True
        return self.link

    def release(self, ident):
        task = self.find(ident)
        task.holding = False
        if task.priority > self.priority:
            return task
        return self

    def send(self, packet):
        task = self.find(packet.ident)
        self.kernel.queue_count += 1
        packet.link = None
        packet.ident = self.ident
        return task.accept(packet, self)

    def find(self, ident):
        task = self.kernel.table[ident]
        if task is None:
            raise ValueError("no task %d" % ident)
        return task


class IdleTask(Task):
    def run(self, packet, data):
        data.count -= 1
        if data.count == 0:
            return self.hold()
        if data.control & 1 == 0:
            data.control //= 2
            return self.release(DEVICE_A)
        data.control = data.control // 2 ^ 0xD008
        return self.release(DEVICE_B)


class WorkerTask(Task):
    def run(self, packet, data):
        if packet is None:
            return self.wait()
        data.destination = HANDLER_B if data.destination == HANDLER_A else HANDLER_A
        packet.ident = data.destination
        packet.datum = 0
        for i in range(BUFFER_SIZE):
            data.count += 1
            if data.count > 26:
                data.count = 1
            packet.data[i] = 64 + data.count
        return self.send(packet)


class HandlerTask(Task):
    def run(self, packet, data):
        if packet is not None:
            if packet.kind == WORK_PACKET:
                data.add_work(packet)
            else:
                data.add_device(packet)
        work = data.work_in
        if work is None:
            return self.wait()
        done = work.datum
        if done >= BUFFER_SIZE:
            data.work_in = work.link
            return self.send(work)
        device = data.device_in
        if device is None:
            return self.wait()
        data.device_in = device.link
        device.datum = work.data[done]
        work.datum = done + 1
        return self.send(device)


class DeviceTask(Task):
    def run(self, packet, data):
        if packet is None:
            pending = data.pending
            if pending is None:
                return self.wait()
            data.pending = None
            return self.send(pending)
        data.pending = packet
        return self.hold()


def schedule(kernel):
    task = kernel.tasks
    while task is not None:
        if task.is_held_or_waiting():
            task = task.link
        else:
            kernel.current_ident = task.ident
            task = task.run_once()


def run():
    kernel = Kernel()
    IdleTask(kernel, IDLE, 0, None, TaskState().set_running(), IdleState())

    queue = Packet(None, 0, WORK_PACKET)
    queue = Packet(queue, 0, WORK_PACKET)
    WorkerTask(kernel, WORKER, 1000, queue, TaskState().set_waiting_with_packet(), WorkerState())

    queue = Packet(None, DEVICE_A, DEVICE_PACKET)
    queue = Packet(queue, DEVICE_A, DEVICE_PACKET)
    queue = Packet(queue, DEVICE_A, DEVICE_PACKET)
    HandlerTask(kernel, HANDLER_A, 2000, queue, TaskState().set_waiting_with_packet(), HandlerState())

    queue = Packet(None, DEVICE_B, DEVICE_PACKET)
    queue = Packet(queue, DEVICE_B, DEVICE_PACKET)
    queue = Packet(queue, DEVICE_B, DEVICE_PACKET)
    HandlerTask(kernel, HANDLER_B, 3000, queue, TaskState().set_waiting_with_packet(), HandlerState())

    DeviceTask(kernel, DEVICE_A, 4000, None, TaskState().set_waiting(), DeviceState())
    DeviceTask(kernel, DEVICE_B, 5000, None, TaskState().set_waiting(), DeviceState())

    schedule(kernel)
    return kernel.hold_count, kernel.queue_count


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    for i in range(rounds):
        holds, queued = run()
        print("round %d: %d packets queued, %d holds" % (i + 1, queued, holds))


main()
